/** How requests are spread over the endpoints of an upstream, and the limits of an upstream, on a real Envoy. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backends: Backend[];
/** Answers 500 to everything. */
let failing: Server;
let failures = 0;
/** Answers when the test lets it. */
let slow: Server;
const held: (() => void)[] = [];

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const hostOf = (name: string) => `${name}.balanced.test`;
const WINDOW = 6000;
/** When the endpoint of `starting` began to get its share. */
let startedAt: number;
let starting: { port: number; endpoints: object[]; loadBalancer: object };

beforeAll(async () => {
  backends = await Promise.all(['a', 'b', 'c', 'd'].map((name) => Backend.start(name)));
  failing = createServer((_request, response) => {
    failures++;
    response.writeHead(500).end();
  });
  slow = createServer((_request, response) => void held.push(() => response.end()));
  await Promise.all([failing, slow].map(listen));
  stack = await Stack.start();
  for (const tenant of ['acme', 'other']) await stack.createTenant(tenant);
  const four = { port: 80, endpoints: backends.map(({ port }) => ({ address: '127.0.0.1', port })) };
  starting = { ...four, endpoints: four.endpoints.slice(0, 1), loadBalancer: { slowStart: { window: `${WINDOW}ms` } } };
  const upstreams = {
    default: four,
    least: { ...four, loadBalancer: { policy: 'LEAST_REQUEST', slowStart: { window: '1s', aggression: 2 } } },
    random: { ...four, loadBalancer: { policy: 'RANDOM' } },
    header: { ...four, loadBalancer: { policy: 'RING_HASH', hash: [{ header: 'x-user' }, { queryParam: 'user' }] } },
    cookie: { ...four, loadBalancer: { policy: 'MAGLEV', hash: [{ cookie: 'user' }] } },
    source: { ...four, loadBalancer: { policy: 'MAGLEV', hash: [{ sourceIp: true }] } },
    sticky: { ...four, loadBalancer: { sessionAffinity: { cookie: 'backend', ttl: '1h', path: '/app' } } },
    session: { ...four, protocol: 'HTTP', loadBalancer: { sessionAffinity: { cookie: 'backend' } } },
    tiers: {
      port: 80,
      endpoints: [...backends.map(({ port }) => port), portOf(failing), portOf(slow)].map((port, index) => ({
        address: '127.0.0.1',
        port,
        priority: index * 2,
        weight: index === 0 ? 1 : 10_000,
      })),
      loadBalancer: { policy: 'RING_HASH', hash: [{ header: 'x-user' }] },
    },
    starting,
    outlier: {
      port: 80,
      endpoints: [...four.endpoints.slice(0, 1), { address: '127.0.0.1', port: portOf(failing) }],
      outlierDetection: { consecutive5xxErrors: 3, baseEjectionTime: '60s' },
    },
    limited: {
      port: portOf(slow),
      endpoints: [{ address: '127.0.0.1' }],
      circuitBreaker: { maxConnections: 2, maxPendingRequests: 1 },
    },
  };
  const gateway = (host: string) => ({
    selector: { ingress: 'public' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
  });
  await stack.publish('acme', 'configuration', {
    gateways: { web: gateway('*.balanced.test') },
    upstreams,
    routes: Object.fromEntries(
      Object.keys(upstreams).map((upstream) => [
        upstream,
        { hosts: [hostOf(upstream)], gateways: ['web'], http: [{ route: [{ destination: { upstream } }] }] },
      ]),
    ),
  });
  await stack.publish('other', 'configuration', {
    gateways: { web: gateway('other.test') },
    upstreams: { app: { port: portOf(slow), endpoints: [{ address: '127.0.0.1' }] } },
    routes: {
      app: { hosts: ['other.test'], gateways: ['web'], http: [{ route: [{ destination: { upstream: 'app' } }] }] },
    },
  });
  await ask('starting');
  startedAt = Date.now();
});
afterAll(async () => {
  for (const answer of held) answer();
  await stack?.stop();
  await Promise.all(backends.map((backend) => backend.stop()));
  for (const server of [failing, slow]) {
    server.closeAllConnections();
    server.close();
  }
});

async function ask(upstream: string, { path = '/', ...headers }: Record<string, string> = {}) {
  const answer = await http({ port: stack.httpPort, host: hostOf(upstream), path, headers });
  return { ...answer, by: answer.status === 200 ? (JSON.parse(answer.body).name as string) : undefined };
}
async function shares(upstream: string, count: number, headers = (_: number): Record<string, string> => ({})) {
  const all: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const { by = 'none' } = await ask(upstream, headers(n));
    all[by] = (all[by] ?? 0) + 1;
  }
  return all;
}

describe('without a hash', () => {
  it('round robin gives each endpoint the same share, per worker', async () => {
    const found = await shares('default', 80);
    expect(Object.keys(found)).toHaveLength(4);
    for (const share of Object.values(found)) expect(share).toBeGreaterThanOrEqual(14);
  });

  it.each(['random', 'least'])('%s uses every endpoint', async (policy) => {
    const found = await shares(policy, 80);
    expect(found.none).toBeUndefined();
    expect(Object.keys(found)).toHaveLength(4);
  });
});

describe('with a hash, also of the first request of a host,', () => {
  it('a header decides; without it, a query parameter; without both, any endpoint', async () => {
    const first = await ask('header', { 'x-user': 'alice' });
    expect(first.status).toBe(200);
    expect(await shares('header', 20, () => ({ 'x-user': 'alice' }))).toEqual({ [first.by!]: 20 });
    const many = await shares('header', 60, (n) => ({ 'x-user': `user ${n}` }));
    expect(Object.keys(many)).toHaveLength(4);
    // The first key decides, whatever the second is.
    expect(await shares('header', 10, (n) => ({ 'x-user': 'alice', path: `/?user=${n}` }))).toEqual({
      [first.by!]: 10,
    });
    const byQuery = await shares('header', 10, () => ({ path: '/?user=bob' }));
    expect(Object.values(byQuery)).toEqual([10]);
    expect(Object.keys(await shares('header', 60))).toHaveLength(4);
  });

  it('a cookie of the application decides, and the gateway sets none', async () => {
    const first = await ask('cookie', { cookie: 'a=1; user=alice' });
    expect(first.headers['set-cookie']).toBeUndefined();
    expect(await shares('cookie', 20, () => ({ cookie: 'user=alice; b=2' }))).toEqual({ [first.by!]: 20 });
    expect(Object.keys(await shares('cookie', 60, (n) => ({ cookie: `user=${n}` })))).toHaveLength(4);
  });

  it('the first of six priorities gets all requests', async () => {
    expect(await shares('tiers', 20, (n) => ({ 'x-user': `user ${n}` }))).toEqual({ a: 20 });
  });

  it('the address of the client decides', async () => {
    expect(Object.values(await shares('source', 20))).toEqual([20]);
  });
});

describe('session affinity', () => {
  it('sets a cookie with the first response, and the client stays where it is', async () => {
    const first = await ask('sticky');
    const [set = ''] = first.headers['set-cookie'] ?? [];
    expect(set).toMatch(/^backend="?[0-9a-f]+"?; Max-Age=3600; Path=\/app; HttpOnly$/);
    const cookie = set.split(';')[0]!;
    expect(await shares('sticky', 20, () => ({ cookie }))).toEqual({ [first.by!]: 20 });
    expect((await ask('sticky', { cookie })).headers['set-cookie']).toBeUndefined();
    const fresh = await shares('sticky', 60);
    expect(Object.keys(fresh)).toHaveLength(4);
  });

  it('without ttl, the cookie ends with the session of the browser', async () => {
    const [set = ''] = (await ask('session')).headers['set-cookie'] ?? [];
    expect(set).toMatch(/^backend="?[0-9a-f]+"?; Path=\/; HttpOnly$/);
  });
});

it('an endpoint that only fails is ejected', async () => {
  while (failures < 3) await ask('outlier');
  // Envoy's main thread ejects it, and its workers learn of that when they run again.
  const ejected = async () => (await stack.envoy!.admin('/clusters')).body.includes('failed_outlier_check');
  await until('the ejection', ejected);
  await until('only the other one', async () => (await shares('outlier', 20)).a === 20);
});

it('requests beyond a circuit breaker get 503, and another tenant with the same endpoint is unaffected', async () => {
  const all = Array.from({ length: 12 }, () => http({ port: stack.httpPort, host: hostOf('limited') }));
  let rejected = 0;
  for (const each of all) void each.then(({ status }) => (rejected += Number(status === 503)));
  // Two connections and one pending request; each of the two workers may have one more.
  await until('all other requests to be rejected', () => rejected >= all.length - 5);
  const other = http({ port: stack.httpPort, host: 'other.test' });
  const settled = Promise.all(all);
  const release = setInterval(() => {
    for (const answer of held.splice(0)) answer();
  }, 20);
  const statuses = (await settled).map(({ status }) => status);
  expect((await other).status).toBe(200);
  clearInterval(release);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
});

it('a new endpoint starts with a small share, which grows to a full one', async () => {
  await sleep(startedAt + WINDOW - Date.now());
  const added = { address: '127.0.0.1', port: backends[1]!.port };
  const addedAt = Date.now();
  await stack.publish('acme', 'upstreams/starting', { ...starting, endpoints: [...starting.endpoints, added] });
  const early = await shares('starting', 40);
  // Its weight grows from a tenth to one, and two workers choose, each with up to one request more than that share.
  const weight = Math.min(1, Math.max(0.1, (Date.now() - addedAt) / WINDOW));
  expect(early).toEqual({ a: expect.any(Number), b: expect.any(Number) });
  expect(early.b).toBeLessThanOrEqual((40 * weight) / (1 + weight) + 2);
  await until('equal shares', async () => (await shares('starting', 40)).b! >= 19);
});
