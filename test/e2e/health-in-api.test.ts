/** The health of endpoints in the API, as a real Envoy finds it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NameServer } from './dns.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let names: NameServer;
let server: Server;
let isHealthy = true;
let status = 200;
const host = 'app.health.test';
const ask = async () => (await http({ port: stack.httpPort, host })).status;
const port = () => (server.address() as AddressInfo).port;

beforeAll(async () => {
  server = createServer((request, response) =>
    response.writeHead(request.url === '/healthz' ? (isHealthy ? 200 : 500) : status).end(),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  names = await NameServer.start();
  stack = await Stack.start(names.resolver);
});
afterAll(async () => {
  await stack?.stop();
  await names?.stop();
  server?.close();
});

async function serve(tenant: string, upstream: object): Promise<void> {
  await stack.createTenant(tenant);
  await stack.publish(tenant, 'configuration', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [`${tenant}.health.test`] }],
      },
    },
    upstreams: {
      app: { port: 9, endpoints: [{ address: '127.0.0.1', port: port() }], ...upstream },
      plain: { port: 9, endpoints: [] },
    },
    routes: {
      app: {
        hosts: [`${tenant}.health.test`],
        gateways: ['web'],
        http: [{ route: [{ destination: { upstream: 'app' } }] }],
      },
    },
  });
}

const health = async (tenant: string, name = 'app') =>
  (await stack.call(`/tenants/${tenant}/upstreams/${name}/health`)).body.items as { state: string; since: string }[];
const states = async (tenant: string) => (await health(tenant)).map(({ state }) => state).join();
const seen = (tenant: string, wanted: string) =>
  until(`the state ${wanted}`, async () => (await states(tenant)) === wanted);

it('shows an endpoint that fails its health check, and that it recovers', async () => {
  await serve('app', {
    healthChecks: [{ http: { path: '/healthz' }, interval: '1s', unhealthyThreshold: 1, healthyThreshold: 1 }],
    loadBalancer: { panicThreshold: 0 },
  });
  expect(await ask()).toBe(200);
  await seen('app', 'healthy');
  isHealthy = false;
  await seen('app', 'unhealthy');
  const [item] = await health('app');
  expect(item).toMatchObject({
    address: '127.0.0.1',
    port: port(),
    fleet: 'edge',
    node: 'envoy-1',
    state: 'unhealthy',
    reason: 'the health check failed',
  });
  expect(Math.abs(Date.parse(item!.since) - Date.now())).toBeLessThan(60_000);
  isHealthy = true;
  await seen('app', 'healthy');
  expect(await health('app', 'plain')).toEqual([]);
  expect((await stack.call('/tenants/app/upstreams/none/health')).status).toBe(404);
});

it('shows an endpoint that is ejected, that it returns, and what a new agent finds', async () => {
  await serve('out', {
    outlierDetection: { consecutive5xxErrors: 3, interval: '1s', baseEjectionTime: '3s', maxEjectionPercent: 100 },
  });
  const call = async () => (await http({ port: stack.httpPort, host: 'out.health.test' })).status;
  expect(await call()).toBe(200);
  await seen('out', 'healthy');
  // An ejection is over after 3 s, and the agent asks Envoy every 2 s.
  const ejected = () =>
    until('the ejection', async () => {
      for (let n = 0; n < 10; n++) await call();
      return (await states('out')) === 'ejected';
    });
  status = 500;
  await ejected();
  status = 200;
  await seen('out', 'healthy');
  await stack.agent.stop('SIGKILL');
  await stack.startAgent();
  status = 500;
  await ejected();
  status = 200;
});

it('shows the DNS names of any upstream that are not resolved, and why', async () => {
  const [gone, denied] = ['gone.test', 'denied.test'];
  names.set(gone, '127.0.0.1');
  names.set(denied, '127.9.0.1');
  await stack.call('/fleets/edge', { method: 'PATCH', body: { denyDestinations: ['127.9.0.0/16'] } });
  await serve('named', { endpoints: [gone, denied].map((address) => ({ address, port: port() })) });
  expect((await http({ port: stack.httpPort, host: 'named.health.test' })).status).toBe(200);
  names.set(gone);
  await seen('named', 'unresolved,unresolved');
  const state = { port: port(), fleet: 'edge', node: 'envoy-1', state: 'unresolved' };
  const reasons = [
    'the name does not exist (NXDOMAIN); its last good addresses are in use',
    'the name has only addresses that the fleet denies',
  ];
  const expected = [gone, denied].map((address, index) => ({ ...state, address, reason: reasons[index] }));
  expect(await health('named')).toMatchObject(expected);
  expect((await http({ port: stack.httpPort, host: 'named.health.test' })).status).toBe(200);
});

it('drops a report about a tenant that the fleet does not serve, and about a node that it does not have', async () => {
  await stack.createTenant('other');
  await stack.call('/tenants/other/upstreams/app', { method: 'PUT', body: { port: 9, endpoints: [] } });
  const token = (await stack.call(`/fleets/${stack.fleet}/tokens`, { method: 'POST', body: {} })).body.token as string;
  const endpoints = [{ address: '192.0.2.1', port: 1, state: 'ejected', since: Date.now() }];
  const report = (body: object, of = stack.fleet) =>
    stack.call(`/fleets/${of}/endpoint-health`, { method: 'POST', token, body: { isWhole: false, ...body } });
  const clusters = ['other', 'none', 'app'].flatMap((tenant) => [
    { tenant, upstream: 'app', subset: 'none', endpoints },
    { tenant, upstream: 'none', endpoints },
  ]);
  expect(
    (await report({ node: 'envoy-1', clusters: [...clusters, { tenant: 'other', upstream: 'app', endpoints }] }))
      .status,
  ).toBe(204);
  expect(await health('other')).toEqual([]);
  expect(await health('app')).toHaveLength(1);
  expect((await report({ node: 'unknown', clusters })).status).toBe(404);
  expect((await report({ node: 'envoy-1', clusters }, 'foreign')).status).toBe(403);
  const operator = { method: 'POST', body: { node: 'envoy-1', isWhole: true, clusters: [] } };
  expect((await stack.call(`/fleets/${stack.fleet}/endpoint-health`, operator)).status).toBe(403);
});
