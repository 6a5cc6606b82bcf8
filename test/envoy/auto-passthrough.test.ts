/** Two fleets, each with an agent and an Envoy: the gateway of one reaches upstreams of the other by server name. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import { parse } from '../../model/violations.ts';
import { Feed } from '../dataplane/feed.ts';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

type Fleet = Parameters<typeof Feed.start>[0];
const authority = await Authority.create();
const fleets: Feed[] = [];
const envoys: RunningEnvoy[] = [];
const servers: Server[] = [];
const bind = { west: 0, east: 0 };
const backend: Record<string, number> = {};
let west: Feed;
let east: Feed;

async function start(fleet: Pick<Fleet, 'name' | 'ports'>): Promise<Feed> {
  const labels = { ingress: fleet.name };
  const feed = await Feed.start({ ...fleet, labels, address: '127.0.0.1', denyDestinations: ['127.0.0.9'] });
  fleets.push(feed);
  envoys.push(await runBeside(feed.folder, fleet.name));
  return feed;
}

beforeAll(async () => {
  for (const side of ['west', 'east'] as const) bind[side] = await freePort();
  for (const name of ['reviews', 'reviews-v2', 'foreign']) {
    const { certificateChain: cert, privateKey: key } = await authority.issue('reviews.acme.internal');
    const server = createServer({ cert, key }, (_, response) => response.end(name));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    backend[name] = (server.address() as AddressInfo).port;
  }
  west = await start({ name: 'west', ports: [{ number: 80, bind: bind.west, protocol: 'HTTP' }] });
  east = await start({ name: 'east', ports: [{ number: 15443, bind: bind.east, protocol: 'TLS' }] });
});
afterAll(async () => {
  for (const envoy of envoys) await envoy.stop();
  for (const feed of fleets) await feed.stop();
  for (const server of servers) server.close();
});

type Document = Parameters<Feed['tell']>[1];
const publish = async (feed: Feed, tenant: string, document: Document) => {
  const seq = feed.tell(tenant, document);
  await until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
};
const at = (port: number, address = '127.0.0.1') => ({ port, endpoints: [{ address }] });
const auto = (hosts: string[]): Document['gateways'] => ({
  between: {
    selector: { ingress: 'east' },
    servers: [{ port: { number: 15443, name: 'between', protocol: 'TLS' }, hosts, tls: { mode: 'AUTO_PASSTHROUGH' } }],
  },
});
const eastern = (hosts = ['*.acme.internal']): Document => ({
  gateways: auto(hosts)!,
  upstreams: {
    reviews: {
      port: backend.reviews!,
      endpoints: [
        { address: '127.0.0.1', labels: { version: 'v1' } },
        { address: '127.0.0.1', port: backend['reviews-v2']!, labels: { version: 'v2' } },
      ],
      subsets: [
        { name: 'v1', labels: { version: 'v1' } },
        { name: 'v2', labels: { version: 'v2' } },
      ],
    },
    other: at(backend.reviews!),
    denied: at(backend.reviews!, '127.0.0.9'),
    named: { port: backend.reviews!, endpoints: [{ address: 'localhost' }] },
    logical: { port: backend.reviews!, dns: 'logical', endpoints: [{ address: 'localhost' }] },
  },
});
/** The gateway of the west sends requests for this server name to the gateway of the east. */
const western = (sni: string): Document => ({
  gateways: {
    web: {
      selector: { ingress: 'west' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['app.test'] }],
    },
  },
  routes: {
    app: { hosts: ['app.test'], gateways: ['web'], http: [{ route: [{ destination: { upstream: 'remote' } }] }] },
  },
  upstreams: {
    remote: {
      ...at(bind.east),
      tls: { sni, caCertificates: 'internal', subjectAltNames: ['reviews.acme.internal'] },
    },
  },
  trustBundles: { internal: { certificates: authority.pem } },
});
const opens = (servername: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port: bind.east, host: '127.0.0.1', servername, rejectUnauthorized: false });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('secureConnect', () => {
      resolve(true);
      socket.destroy();
    });
  });

it('a request crosses both gateways, and the server name chooses the upstream and its subset', async () => {
  await publish(east, 'acme', eastern());
  for (const [name, answers] of [
    ['v1.reviews.acme.internal', ['reviews']],
    ['v2.reviews.acme.internal', ['reviews-v2']],
  ] as const) {
    await publish(west, 'acme', western(name));
    const answer = await ask({ port: bind.west, headers: { host: 'app.test' } });
    expect([name, answer.status, answers.includes(answer.body as never)]).toEqual([name, 200, true]);
  }
});

it('only the names of upstreams of the tenant open a connection, and no denied destination', async () => {
  await publish(east, 'foreigner', {
    gateways: auto(['*.foreigner.internal'])!,
    upstreams: { secret: at(backend.foreign!) },
  });
  const names = [
    'reviews.acme.internal',
    'other.acme.internal',
    'named.acme.internal',
    'secret.foreigner.internal',
    'secret.acme.internal',
    'reviews.foreigner.internal',
    'denied.acme.internal',
    'logical.acme.internal',
    'v3.reviews.acme.internal',
    'x.v1.reviews.acme.internal',
    'acme.internal',
    'reviews',
  ];
  const open = await Promise.all(names.map(opens));
  expect(names.filter((_, index) => open[index])).toEqual(names.slice(0, 4));
  const fleet = {
    name: 'east',
    labels: { ingress: 'east' },
    ports: [{ number: 15443, bind: 15443, protocol: 'TLS' as const }],
  };
  const why = (authority: string) =>
    explain(Configuration.fromDocument(eastern()), 'acme', fleet, { port: 15443, authority }).why;
  expect(why('v1.reviews.acme.internal')).toContain('upstreams/reviews');
  expect(why('secret.acme.internal')).toContain('it is closed');
});

it('a new upstream has its name at once, a removed one loses it, and an exact host is one upstream', async () => {
  const document = eastern();
  document.upstreams!.more = at(backend.foreign!);
  expect(await opens('more.acme.internal')).toBe(false);
  await publish(east, 'acme', document);
  expect(await opens('more.acme.internal')).toBe(true);
  await publish(east, 'acme', eastern());
  await until('the name to be gone', async () => !(await opens('more.acme.internal')));
  await publish(east, 'acme', eastern(['v2.reviews.acme.internal', 'other.acme.internal']));
  await until('the wildcard to be gone', async () => !(await opens('reviews.acme.internal')));
  expect(await opens('v2.reviews.acme.internal')).toBe(true);
  expect(await opens('other.acme.internal')).toBe(true);
});

it('a host without a domain, and any other TLS setting, is an error', () => {
  const codes = (hosts: string[], tls: object) => {
    const servers = [{ port: { number: 15443, name: 'between', protocol: 'TLS' }, hosts, tls }];
    const parsed = parse('gateway', 'g', { selector: { a: 'b' }, servers });
    return parsed.ok ? [] : parsed.violations.map(({ path, code }) => [path, code]);
  };
  expect(codes(['*'], { mode: 'AUTO_PASSTHROUGH' })).toEqual([['/servers/0/hosts/0', 'no-domain']]);
  expect(codes(['*.a.test'], { mode: 'AUTO_PASSTHROUGH', credentialName: 'c' })).toEqual([
    ['/servers/0/tls/credentialName', 'without-effect'],
  ]);
});

it('the gateway of docs/tasks/tls-passthrough.md is valid', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/tasks/tls-passthrough.md'), 'utf8');
  expect(parse('gateway', 'between', JSON.parse(/^```json between\n([\s\S]+?)^```/m.exec(page)![1]!)).ok).toBe(true);
});
