/** The state of a revision describes its own changes: fleets may serve other parts of the tenant. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  gateway,
  type Harness,
  harness,
  route,
  SHARED_FLEET,
  tenantWithRoute,
  tokenFor,
  upstream,
} from '../harness.ts';

let api: Harness;
let agent: string;
let count = 0;
let tenant: string;
let at: string;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  agent = await tokenFor(api, '/v1/fleets/public');
});
beforeEach(async () => {
  await api.patch('/v1/fleets/public?force=true', { ports: SHARED_FLEET.ports });
  tenant = `t${++count}`;
  await tenantWithRoute(api, tenant);
  at = `/v1/tenants/${tenant}`;
});
afterAll(() => api.close());

const away = (host: string) => ({ ...gateway(host), selector: { ingress: 'nowhere' } });
const through = (name: string, host: string, use = 'web') => ({
  hosts: [host],
  gateways: [name],
  http: [{ route: [{ destination: { upstream: use } }] }],
});

/** The node has everything. */
async function reported() {
  const head = (await api.get('/v1/fleets/public')).body.seq as number;
  const node = { node: 'n1', version: '1.40.0', connected: true, acked: head, live: head, rejections: [] };
  expect((await api.post('/v1/fleets/public/status', { agent: 'a1', nodes: [node] }, { token: agent })).status).toBe(
    204,
  );
}

/** What the write itself says, and what its status says once the node has everything. */
async function outcome(method: string, path: string, body?: unknown) {
  const { status, headers, body: answer } = await api.call(method, at + path, body, { headers: { prefer: 'wait=0' } });
  const revision = headers.get('gatehouse-revision');
  await reported();
  const { state } = (await api.get(`${at}/revisions/${revision}/status`)).body;
  return { status, waited: headers.get('gatehouse-status'), state, warnings: answer.warnings ?? [] };
}
const unserved = { waited: 'unserved', state: 'unserved' };
const served = { status: 202, waited: 'pending', state: 'live' };

test('a route, a gateway and an upstream that no fleet serves are unserved beside others that are live', async () => {
  const host = `away.${tenant}.example.org`;
  expect(await outcome('PUT', '/gateways/away', away(host))).toMatchObject({ status: 202, ...unserved });
  expect(await outcome('PUT', '/upstreams/spare', upstream())).toMatchObject(served);
  expect(await outcome('PUT', '/routes/away', through('away', host, 'spare'))).toMatchObject({
    status: 202,
    ...unserved,
    warnings: [{ resource: 'routes/away', code: 'no-fleet' }],
  });
  expect(await outcome('PATCH', '/upstreams/spare', { connectTimeout: '2s' })).toMatchObject(unserved);
  expect(await outcome('PATCH', '/upstreams/web', { connectTimeout: '2s' })).toMatchObject(served);
  expect(await outcome('PUT', '/routes/web', route(`${tenant}.example.com`, '6s'))).toMatchObject(served);
  expect(
    await outcome('PUT', '/routes/web', { ...route(`${tenant}.example.com`, '7s'), gateways: ['edge', 'away'] }),
  ).toMatchObject(served);
  expect(await outcome('DELETE', '/routes/away')).toMatchObject(unserved);
  expect(await outcome('DELETE', '/routes/web')).toMatchObject(served);
});

test('several changes are live when what is served of them is, and a warning names the rest', async () => {
  const host = `away.${tenant}.example.org`;
  const both = {
    gateways: { away: away(host), edge: gateway(`${tenant}.example.com`, `b.${tenant}.example.com`) },
    routes: { away: through('away', host) },
  };
  expect(await outcome('PUT', '/configuration?prune=false', both)).toMatchObject({
    ...served,
    warnings: [{ resource: 'gateways/away', code: 'no-fleet' }],
  });
  const alone = { gateways: { other: away(`o.${host}`) }, routes: { other: through('other', `o.${host}`) } };
  expect(await outcome('PUT', '/configuration?prune=false', alone)).toMatchObject(unserved);
});

test('what a change withdraws from a fleet is waited for', async () => {
  const host = `two.${tenant}.example.com`;
  expect(await outcome('PUT', '/gateways/two', gateway(host))).toMatchObject(served);
  expect(await outcome('PUT', '/routes/two', through('two', host))).toMatchObject(served);
  expect(await outcome('PUT', '/gateways/two', away(host))).toMatchObject(served);
  expect(await outcome('PUT', '/routes/two', { ...through('two', host), labels: { a: 'b' } })).toMatchObject(unserved);
});

test('a port that the operator removed: only what needs it is unserved', async () => {
  const [http, https] = SHARED_FLEET.ports;
  const server = (port: number, host: string) => ({
    port: { number: port, name: `p${port}`, protocol: 'HTTP' },
    hosts: [host],
  });
  const alternate = { number: 8080, bind: 18080, protocol: 'HTTP' };
  await api.patch('/v1/fleets/public?force=true', { ports: [http, https, alternate] });
  const both = {
    selector: { ingress: 'public' },
    servers: [server(80, `a.${tenant}.example.com`), server(8080, `b.${tenant}.example.com`)],
  };
  expect(await outcome('PUT', '/gateways/both', both)).toMatchObject(served);
  await api.patch('/v1/fleets/public?force=true', { ports: [alternate, https] });
  const web = route(`${tenant}.example.com`, '8s');
  expect(await outcome('PUT', '/routes/web', web)).toMatchObject({
    status: 202,
    ...unserved,
    warnings: [{ resource: 'routes/web', code: 'no-fleet' }],
  });
  expect(await outcome('PUT', '/routes/a', through('both', `a.${tenant}.example.com`))).toMatchObject(unserved);
  expect(await outcome('PUT', '/routes/b', through('both', `b.${tenant}.example.com`))).toMatchObject(served);
  await api.patch('/v1/fleets/public?force=true', { ports: SHARED_FLEET.ports });
  expect(await outcome('PUT', '/routes/web', { ...web, labels: { again: 'yes' } })).toMatchObject(served);
});
