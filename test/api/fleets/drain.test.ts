import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';
import { follow } from './stream.ts';

let api: Harness;
let agent: string;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_DEDICATED_NODES: '3' });
  await api.post('/v1/fleets', SHARED_FLEET);
  agent = await tokenFor(api, '/v1/fleets/public');
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

const node = (name: string, live: number, more: object = {}) => ({
  ...{ node: name, version: '1.40.0', connected: true, acked: live, live, rejections: [] },
  ...more,
});
const report = async (nodes: object[], fleet = 'public', token = agent) =>
  expect((await api.post(`/v1/fleets/${fleet}/status`, { agent: 'a', nodes }, { token })).status).toBe(204);
const drain = (name: string, drained: boolean, options = {}) =>
  api.patch(`/v1/fleets/public/nodes/${encodeURIComponent(name)}`, { drained }, options);
const listed = async (name: string) =>
  (await api.get('/v1/fleets/public/nodes')).body.items.find((each: { name: string }) => each.name === name);
const status = async (revision: number) => (await api.get(`/v1/tenants/acme/revisions/${revision}/status`)).body;
const seq = async () => (await api.get('/v1/fleets/public')).body.seq as number;

it('agents learn at once which nodes are drained, without another snapshot', async () => {
  const name = 'edge/1 é';
  await report([node(name, 0), node('edge-2', 0)]);
  const stream = await follow(api, '/v1/fleets/public/feed', agent);
  const begun = await stream.until(({ type }) => type === 'snapshot-end');
  expect(begun[0]).toMatchObject({ type: 'fleet', drained: [] });
  expect(await drain(name, true)).toMatchObject({ status: 200, body: { name, drain: { state: 'pending' } } });
  const told = await stream.until((event) => event.type === 'fleet');
  expect(told).toEqual([{ ...begun[0], drained: [name], drains: 1 }]);
  await tenantWithRoute(api, 'later');
  expect((await stream.until((event) => event.type === 'tenant')).map(({ type }) => type)).toEqual(['tenant']);
  stream.close();
  const page = (await api.get('/v1/fleets/public/feed?after=0', { token: agent })).body;
  expect(page.events[0].drained).toEqual([name]);
  const poll = async () =>
    (await api.get(`/v1/fleets/public/feed?after=${await seq()}&drains=1&wait=60`, { token: agent })).body.events;
  const waiting = poll();
  await drain('edge-2', true);
  const both = [{ type: 'fleet', drained: ['edge-2', name], drains: 2 }];
  expect(await waiting).toMatchObject(both);
  // A drain between two polls is not missed.
  expect(await poll()).toMatchObject(both);
  await drain('edge-2', false);
  expect((await drain(name, false)).body).not.toHaveProperty('drain');
  const after = (await api.get('/v1/fleets/public/feed?after=0', { token: agent })).body;
  expect(after.events[0].drained).toEqual([]);
});

it('the inventory shows what agents report about a drain, also after the Envoy has ended', async () => {
  await report([node('n1', 0, { drain: { connections: 3 } })]);
  expect(await listed('n1')).not.toHaveProperty('drain');
  await drain('n1', true);
  const { since } = (await listed('n1')).drain;
  expect((await listed('n1')).drain).toEqual({ since, state: 'draining', connections: 3 });
  await drain('n1', true);
  await report([node('n1', 0, { drain: { message: 'no socket' } })]);
  expect((await listed('n1')).drain).toEqual({ since, state: 'pending', message: 'no socket' });
  await report([node('n1', 0, { drain: { connections: 0 } })]);
  await report([node('n1', 0, { connected: false })]);
  expect(await listed('n1')).toMatchObject({ connected: false, drain: { since, state: 'drained', connections: 0 } });
  await report([node('n1', 0)]);
  expect((await listed('n1')).drain).toEqual({ since, state: 'pending' });
  const { items } = (await api.get('/v1/audit?target=fleets/public/nodes/n1')).body;
  expect(items.map(({ diff }: { diff: object }) => diff)).toEqual([
    { changes: [{ path: '/drained', operation: 'replace', before: false, after: true }] },
  ]);
  await drain('n1', false);
});

it('no request waits for a drained node, and none is rejected because of it', async () => {
  await report(['edge/1 é', 'edge-2', 'n1'].map((name) => node(name, 0, { connected: false })));
  await report([node('fast', await seq()), node('slow', 0)]);
  const put = api.put(
    '/v1/tenants/acme/upstreams/new',
    { port: 80, endpoints: [{ address: '10.0.0.9' }] },
    { headers: { prefer: 'wait=60' } },
  );
  let revision = 1;
  while (revision === 1) revision = (await api.get('/v1/tenants/acme')).body.revision;
  const rejections = [{ tenant: 'acme', revision, resource: 'routes/web', path: '', message: 'no' }];
  await report([node('fast', await seq())]);
  expect((await status(revision)).fleets[0].reason).toContain('slow');
  await drain('slow', true);
  expect((await put).headers.get('gatehouse-status')).toBe('live');
  await report([node('slow', 0, { rejections })]);
  const found = await status(revision);
  expect([found.state, found.stillRejected]).toEqual(['live', []]);
  expect(found.fleets[0].nodes.find((each: { node: string }) => each.node === 'slow')).toMatchObject({ drained: true });
  await drain('fast', true);
  expect((await status(revision)).fleets[0].reason).toBe('every connected Envoy is drained');
  await drain('fast', false);
  await drain('slow', false);
  expect((await status(revision)).state).toBe('rejected');
});

it('a tenant drains the nodes of its own fleet, and nobody else does; a drained node is forgotten last', async () => {
  await api.post('/v1/tenants/acme/fleets', { name: 'acme-own', labels: {}, ports: [] });
  const own = await tokenFor(api, '/v1/fleets/acme-own');
  const [acme, rival] = [
    { token: await tokenFor(api, '/v1/tenants/acme', { scopes: ['write'] }) },
    { token: await tokenFor(api, '/v1/tenants/later', { scopes: ['admin'] }) },
  ];
  await report([node('first', 0)], 'acme-own', own);
  const path = '/v1/fleets/acme-own/nodes/first';
  for (const options of [rival, { token: own }, { token: agent }, { token: null }])
    expect([401, 403]).toContain((await api.patch(path, { drained: true }, options)).status);
  expect((await api.patch(path, { drained: true }, acme)).status).toBe(200);
  expect((await api.patch('/v1/fleets/public/nodes/fast', { drained: true }, acme)).status).toBe(403);
  const { items } = (await api.get('/v1/tenants/acme/audit')).body;
  expect(items).toContainEqual(
    expect.objectContaining({ action: 'update', target: 'tenants/acme/fleets/acme-own/nodes/first' }),
  );
  for (const round of ['a', 'b']) {
    await new Promise((resolve) => setTimeout(resolve, 2)); // Two reports are two moments.
    await report([node(`${round}1`, 0), node(`${round}2`, 0)], 'acme-own', own);
  }
  const names = (await api.get('/v1/fleets/acme-own/nodes')).body.items.map((each: { name: string }) => each.name);
  expect(names).toEqual(['b1', 'b2', 'first']);
});

it('a node that never was, or a body of another shape, is an error', async () => {
  expect((await drain('absent', true)).status).toBe(404);
  expect((await api.patch('/v1/fleets/absent/nodes/fast', { drained: true })).status).toBe(404);
  for (const body of [{}, { drained: 'yes' }, { drained: true, more: 1 }, []])
    expect((await api.patch('/v1/fleets/public/nodes/fast', body)).status).toBe(422);
  expect((await api.patch(`/v1/fleets/public/nodes/${'x'.repeat(256)}`, { drained: true })).status).toBe(422);
});
