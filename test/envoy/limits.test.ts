/** What one tenant, and its clients, can take of an Envoy: others are served meanwhile. */
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { defaultLimits } from '../../dataplane/envoy/limits.ts';
import type { ConfigurationDocument } from '../../model/configuration.ts';
import type { Route } from '../../model/kinds/route.ts';
import { Feed } from '../dataplane/feed.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

let feed: Feed;
let envoy: RunningEnvoy;
let port: number;
const tcp: number[] = [];
/** How many connections of clients Envoy accepts. */
const CONNECTIONS = 400;
const held: Socket[] = [];
/** Accepts connections and never reads. */
const sink = createServer({ pauseOnConnect: true }, (socket) => {
  held.push(socket);
  socket.on('error', () => {});
});
const sessions: ClientHttp2Session[] = [];

const tenant = (
  host: string,
  rule: NonNullable<Route['http']>[number],
  upstreams: string[],
): ConfigurationDocument => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
    },
  },
  upstreams: Object.fromEntries(
    upstreams.map((name) => [
      name,
      { port: (sink.address() as AddressInfo).port, endpoints: [{ address: '127.0.0.1' }] },
    ]),
  ),
  routes: { app: { hosts: [host], gateways: ['web'], http: [rule] } },
});
const greedy = (...upstreams: string[]) =>
  tenant('greedy.test', { route: [{ destination: { upstream: 'sink' } }] }, upstreams);

beforeAll(async () => {
  port = await freePort();
  for (let each = 0; each < 3; each++) tcp.push(await freePort());
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const ports = [
    { number: 80, bind: port, protocol: 'HTTP' as const },
    ...tcp.map((bind, index) => ({ number: 5000 + index, bind, protocol: 'TCP' as const })),
  ];
  feed = await Feed.start(
    { name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports },
    { greedy: greedy('sink'), other: tenant('other.test', { directResponse: { status: 200, body: 'served' } }, []) },
  );
  const limits = {
    ...defaultLimits(),
    heap: 20 * 1024 * 1024,
    connections: CONNECTIONS,
    tenantClients: 40,
    tenantConnections: 70,
  };
  envoy = await runBeside(feed.folder, 'edge', { limits });
  await until('the listener', async () => (await other().catch(() => undefined)) === 200);
});
/** Ends all requests. */
function end() {
  for (const each of [...sessions.splice(0), ...held.splice(0)]) each.destroy();
}
afterEach(end);
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  sink.close();
});

const other = async () => (await ask({ port, headers: { host: 'other.test' } })).status;
function session(): ClientHttp2Session {
  const opened = connectHttp2(`http://127.0.0.1:${port}`);
  opened.on('error', () => {});
  sessions.push(opened);
  return opened;
}
/** Begins a request to the upstream that never answers. */
function begin(from: ClientHttp2Session, method: string) {
  const state = { status: 0, isReset: false };
  const stream = from.request({ ':path': '/', ':method': method, ':authority': 'greedy.test' });
  stream.on('response', (headers) => (state.status = headers[':status'] ?? 0));
  stream.on('error', () => (state.isReset = true));
  return { stream, state };
}

test('a tenant has a limited number of connections to its upstreams, however few connections its clients have', async () => {
  const flood = () => [session(), session()].flatMap((each) => Array.from({ length: 100 }, () => begin(each, 'GET')));
  const rejected = (requests: ReturnType<typeof flood>) => requests.filter(({ state }) => state.status === 503).length;
  const first = flood();
  // The limit is lowered to a power of two. So many requests may also wait for a connection.
  await until('the limit', () => held.length >= 64 && rejected(first) >= 200 - 2 * 64);
  expect(held.length).toBe(64);
  expect(await other()).toBe(200);
  end();
  // Another upstream takes its part, also of clusters that Envoy has already.
  const seq = feed.tell('greedy', greedy('sink', 'more'));
  await until('the change', () => (feed.nodes[0]?.live ?? 0) >= seq);
  // Requests that waited got a connection when the others ended.
  end();
  const second = flood();
  await until('the limit', () => held.length >= 32 && rejected(second) >= 200 - 2 * 32);
  expect(held.length).toBe(32);
});

test('Envoy ends the uploads with the largest buffers before its memory is full', async () => {
  const small = begin(session(), 'POST');
  small.stream.write(Buffer.alloc(4096));
  const uploads = Array.from({ length: 16 }, () => begin(session(), 'POST'));
  for (const { stream } of uploads) stream.write(Buffer.alloc(12 * 1024 * 1024));
  await until('a reset', () => uploads.some(({ state }) => state.isReset));
  expect(await other()).toBe(200);
  expect(small.state).toEqual({ status: 0, isReset: false });
});

test("clients of one tenant's ports leave most of the connections to others", async () => {
  const forwarding = (numbers: number[]): ConfigurationDocument => ({
    ...greedy('sink'),
    gateways: {
      door: {
        selector: { ingress: 'public' },
        servers: numbers.map((number) => ({ port: { number, name: `p${number}`, protocol: 'TCP' }, hosts: ['*'] })),
      },
    },
    routes: {
      way: {
        gateways: ['door'],
        tcp: numbers.map((number) => ({ match: [{ port: number }], route: [{ destination: { upstream: 'sink' } }] })),
      },
    },
  });
  const flood = (bind: number) =>
    Array.from({ length: CONNECTIONS }, () => connect({ port: bind, host: '127.0.0.1' }).on('error', () => {}));
  const open = (sockets: Socket[]) => sockets.filter((socket) => !socket.closed).length;
  const live = async (seq: number) => until('the change', () => (feed.nodes[0]?.live ?? 0) >= seq);
  await live(feed.tell('greedy', forwarding([5000, 5001])));
  await live(feed.tell('third', forwarding([5002])));
  const floods = tcp.slice(0, 2).map(flood);
  // The ports have the highest power of two with which both fit into the tenant's share.
  await until('the limit', () => floods.every((sockets) => open(sockets) === 16));
  expect(await other()).toBe(200);
  const third = flood(tcp[2]!);
  await until('the limit', () => open(third) === 32);
  expect(await other()).toBe(200);
  const limited = 'connection_limit.tenants.limited_connections: ';
  const { body } = await envoy.admin('/stats?filter=^connection_limit');
  expect(Number(body.split(limited)[1]?.split('\n')[0])).toBeGreaterThan(CONNECTIONS);
  for (const socket of [...floods.flat(), ...third]) socket.destroy();
});
