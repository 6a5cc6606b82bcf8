/** Serves generated configurations for connections and datagrams with one Envoy, and compares it with `explain`. */
import { createSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, connect as handshake, type TLSSocket } from 'node:tls';
import { portZone } from '../../../model/binding/ports.ts';
import { Configuration, type ConfigurationDocument } from '../../../model/configuration.ts';
import { explain } from '../../../model/explain/explain.ts';
import type { Fleet } from '../../../model/fleet.ts';
import { Feed } from '../../dataplane/feed.ts';
import { Authority, type Pair } from '../../e2e/authority.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import { runBeside } from '../run-beside.ts';
import {
  type Client,
  type ConnectionSample,
  connectionSamples,
  DENIED,
  DENIED_ADDRESS,
  domainOf,
  LIVE,
  NAMED,
  ownPorts,
  SHARED,
} from './connections.ts';

/** What a client gets: `u3 plain` (the upstream read the bytes), `u3 tls` (it made the handshake), `222`, or `closed`. */
type Outcome = string;

interface Difference {
  tenant: string;
  client: Client;
  why: string;
  expected: Outcome[];
  actual: Outcome;
}

export interface ConnectionsOutcome {
  pairs: number;
  /** The number of clients by outcome, without the names of upstreams. */
  outcomes: Record<string, number>;
  differences: Difference[];
  rejections: unknown[];
  /** The configuration of a tenant, for a report. */
  of(tenant: string): ConfigurationDocument;
}

/** The number of clients at the same time. */
const AT_ONCE = 16;

/** @param asked clients per configuration */
export async function compareConnections(pairs: number, seed: number, asked = 16): Promise<ConnectionsOutcome> {
  const count = Math.ceil(pairs / asked);
  const authority = await Authority.create();
  const names = Array.from({ length: count }, (_, n) => domainOf(n));
  const server = await authority.issue(...names.flatMap((name) => [name, `*.${name}`, `*.a.${name}`]));
  const certificate = await authority.issue('client.test');
  const backends = await startBackends(server);
  const given = {
    certificates: { any: { certificateChain: server.certificateChain } },
    trustBundles: { clients: { certificates: authority.pem } },
  };
  const all = connectionSamples(count, asked, seed, given, upstreamsOf(backends.ports));
  const { fleet, bound } = await fleetFor(all);
  const feed = await Feed.start({ ...fleet, address: '127.0.0.1' });
  const seqs = all.map(({ tenant, document }) => feed.tell(tenant, document, { any: server.privateKey }));
  const envoy = await runBeside(feed.folder, fleet.name);
  const differences: Difference[] = [];
  const outcomes: Record<string, number> = {};
  try {
    await until('the configurations to be live', () => (feed.nodes[0]?.live ?? 0) >= Math.max(...seqs));
    const left = all.flatMap(({ tenant, document, clients }) => {
      const configuration = Configuration.fromDocument(document);
      return clients.map((client) => ({ tenant, client, configuration }));
    });
    const next = async (): Promise<void> => {
      for (let each = left.pop(); each; each = left.pop()) {
        const { tenant, client, configuration } = each;
        const { why, expected } = predict(configuration, tenant, fleet, client);
        const isClosed = expected.includes('closed');
        let actual = await observe(client, bound, certificate, isClosed);
        // On a busy machine, the first answer about the name of this upstream may be later than Envoy waits for it.
        const isNamed = !isClosed && expected.some((each) => each.startsWith(`${LIVE[0]} `));
        for (let left = RETRIES; isNamed && actual === 'closed' && left > 0; left--) {
          await sleep(RETRY_MS);
          actual = await observe(client, bound, certificate, isClosed);
        }
        const kind = actual.split(' ').at(-1)!;
        outcomes[`${client.kind} ${kind}`] = (outcomes[`${client.kind} ${kind}`] ?? 0) + 1;
        if (!expected.includes(actual)) differences.push({ tenant, client, why, expected, actual });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  } finally {
    await envoy.stop();
    await feed.stop();
    backends.close();
  }
  const rejections = feed.nodes.flatMap((node) => [...node.rejections, ...(node.listenerRejections ?? [])]);
  const of = (tenant: string) => all.find((each) => each.tenant === tenant)!.document;
  return { pairs: count * asked, outcomes, differences, rejections, of };
}

const upstreamsOf = (ports: Record<string, number>): NonNullable<ConfigurationDocument['upstreams']> => ({
  ...Object.fromEntries(
    LIVE.map((name) => [
      name,
      {
        port: ports[name]!,
        // The agent resolves the name of the first.
        endpoints: [{ address: name === LIVE[0] ? 'localhost' : '127.0.0.1', labels: { version: 'v1' } }],
        subsets: [{ name: 'v1', labels: { version: 'v1' } }],
      },
    ]),
  ),
  [DENIED]: { port: ports[LIVE[0]!]!, endpoints: [{ address: DENIED_ADDRESS }] },
  [NAMED]: { port: ports[LIVE[0]!]!, dns: 'logical', endpoints: [{ address: 'localhost' }] },
});

/** @returns the fleet, and the ports that Envoy opens: `udp/53` → port */
async function fleetFor(all: readonly ConnectionSample[]): Promise<{ fleet: Fleet; bound: Map<string, number> }> {
  const bound = new Map<string, number>();
  const port = async (number: number, protocol: Fleet['ports'][number]['protocol']) => {
    const bind = await freePort();
    bound.set(portZone({ number, protocol }), bind);
    return { number, bind, protocol };
  };
  const ports = [await port(SHARED.https, 'HTTPS'), await port(SHARED.tls, 'TLS')];
  for (const [n, { document }] of all.entries()) {
    const servers = Object.values(document.gateways ?? {}).flatMap((gateway) => gateway.servers);
    for (const [name, number] of Object.entries(ownPorts(n))) {
      const written = servers.find(({ port }) => port.number === number && port.protocol !== 'UDP');
      ports.push(await port(number, name === 'udp' ? 'UDP' : ((written?.port.protocol ?? 'TCP') as 'TCP')));
    }
  }
  const labels = { ingress: 'public' };
  return { fleet: { name: 'public', labels, ports, denyDestinations: [DENIED_ADDRESS] }, bound };
}

/** Starts the upstreams. Each answers on one port plain text, TLS and datagrams, with its name and which of them it was. */
async function startBackends({ certificateChain: cert, privateKey: key }: Pair) {
  const closing: { close(): unknown }[] = [];
  const ports: Record<string, number> = {};
  for (const name of LIVE) {
    const secure = createTlsServer({ cert, key }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(`${name} tls`));
    });
    secure.on('tlsClientError', () => {});
    const tcp = createServer((socket: Socket) => {
      socket.on('error', () => {});
      socket.once('data', (data: Buffer) => {
        if (data[0] !== 0x16) return void socket.end(`${name} plain`);
        socket.pause();
        socket.unshift(data);
        secure.emit('connection', socket);
      });
    });
    const port = await new Promise<number>((resolve) =>
      tcp.listen(0, '127.0.0.1', () => resolve((tcp.address() as { port: number }).port)),
    );
    const udp = createSocket('udp4', (_, from) => udp.send(`${name} plain`, from.port, from.address));
    await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', () => resolve()));
    ports[name] = port;
    closing.push(tcp as Server, udp);
  }
  return {
    ports,
    close: () => {
      for (const each of closing) each.close();
    },
  };
}

/** How often, and after how many milliseconds each time, a client tries again to reach an upstream with a name. */
const [RETRIES, RETRY_MS] = [5, 1_000];

/** How long a client waits for a datagram that explain does not expect. Milliseconds. */
const SILENCE = 200;

/** @param isQuick whether no answer is expected */
function observe(
  client: Client,
  bound: ReadonlyMap<string, number>,
  certificate: Pair,
  isQuick: boolean,
): Promise<Outcome> {
  const port = bound.get(`${client.kind === 'udp' ? 'udp' : 'tcp'}/${client.port}`)!;
  if (client.kind === 'udp') return datagram(port, client.clientAddress, isQuick ? SILENCE : 5000);
  const { clientAddress: localAddress, name: servername } = client;
  return new Promise((resolve) => {
    const at = { port, host: '127.0.0.1', localAddress };
    const pair = client.hasCertificate && { cert: certificate.certificateChain, key: certificate.privateKey };
    const socket: Socket | TLSSocket =
      client.kind === 'tls' ? handshake({ ...at, ...pair, rejectUnauthorized: false, servername }) : connect(at);
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('error', () => {});
    socket.on(client.kind === 'tls' ? 'secureConnect' : 'connect', () =>
      socket.write(`GET / HTTP/1.1\r\nhost: ${servername}\r\nconnection: close\r\n\r\n`),
    );
    socket.on('data', (data) => (text += data));
    socket.on('close', () => resolve(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? (text || 'closed')));
  });
}

const datagram = (port: number, localAddress: string, patience: number) =>
  new Promise<Outcome>((resolve) => {
    const socket = createSocket('udp4');
    const done = (outcome: Outcome) => {
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    const timer = setTimeout(() => done('closed'), patience);
    socket.on('message', (data) => done(String(data)));
    socket.bind(0, localAddress, () => socket.send('ping', port, '127.0.0.1'));
  });

/** Returns the outcomes that are right according to explain: one per destination that gets a share. */
function predict(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  { port, kind, name, clientAddress, hasCertificate }: Client,
): { why: string; expected: Outcome[] } {
  const answer = explain(configuration, tenant, fleet, {
    ...{ method: 'GET', path: '/', port, authority: name, clientAddress, clientCertificate: hasCertificate },
    ...(kind === 'tls' && { scheme: 'https', serverName: name }),
    transport: kind === 'udp' ? 'udp' : 'tcp',
  });
  const { why } = answer;
  if (answer.outcome === 'refused') return { why, expected: ['closed'] };
  if (answer.outcome !== 'forwarded') {
    const status = answer.outcome === 'matched' ? 'status' in answer.effect && answer.effect.status : answer.status;
    return { why, expected: [String(status)] };
  }
  const { tls, transport, destinations } = answer.connection;
  if (transport !== (kind === 'udp' ? 'udp' : 'tcp')) throw new Error(`${transport} for ${kind}`);
  const expected = destinations
    .filter(({ percent }) => percent > 0)
    .map(({ upstream, endpoints }) =>
      endpoints > 0 ? `${upstream} ${tls === 'passthrough' ? 'tls' : 'plain'}` : 'closed',
    );
  return { why, expected: [...new Set(expected)] };
}
