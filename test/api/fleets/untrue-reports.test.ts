/** An agent's words change only what its own fleet serves. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';

let api: Harness;
let agent: string;
let stranger: string;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/fleets', { name: 'other', labels: { ingress: 'other' }, ports: SHARED_FLEET.ports });
  agent = await tokenFor(api, '/v1/fleets/public');
  stranger = await tokenFor(api, '/v1/fleets/other');
  await tenantWithRoute(api, 'acme');
});
afterAll(() => api.close());

const seqOf = async (fleet: string) => (await api.get(`/v1/fleets/${fleet}`)).body.seq as number;
const rejects = (tenant: string, revision: number, more: object = {}) => ({
  ...{ tenant, revision, resource: 'routes/web', path: '/http/0', message: 'WORDS OF AN AGENT' },
  ...more,
});
const node = (name: string, seq: number, rejections: object[] = []) => ({
  ...{ node: name, version: '1.40.0', connected: true, acked: seq, live: seq, rejections },
});
const reported = async (fleet: 'public' | 'other', ...nodes: object[]) => {
  const token = fleet === 'public' ? agent : stranger;
  expect((await api.post(`/v1/fleets/${fleet}/status`, { agent: `at ${fleet}`, nodes }, { token })).status).toBe(204);
};
const statusOf = async (tenant: string, revision: number) =>
  (await api.get(`/v1/tenants/${tenant}/revisions/${revision}/status`)).body;
const write = async (tenant: string, team: string) =>
  Number((await api.patch(`/v1/tenants/${tenant}/routes/web`, { labels: { team } })).headers.get('gatehouse-revision'));

test('a fleet that does not serve the tenant rejects nothing of it', async () => {
  for (const more of [{}, { from: 0 }, { from: 1 }, { superseded: true, from: 1 }, { over: true }])
    await reported('other', node('n1', 0, [rejects('acme', 1, more)]));
  const later = await write('acme', 'a');
  await reported('public', node('n1', await seqOf('public')));
  expect(await statusOf('acme', 1)).toMatchObject({ state: 'live', stillRejected: [] });
  expect(await statusOf('acme', later)).toMatchObject({ state: 'live', stillRejected: [] });
  expect(api.logged().join()).toContain('an agent reports rejections of revisions that its fleet does not serve');
});

test('a revision that does not exist yet has no rejection once it exists', async () => {
  await tenantWithRoute(api, 'early');
  await reported('public', node('n1', 0, [rejects('early', 2), rejects('early', 0), rejects('late', 1)]));
  expect(await write('early', 'a')).toBe(2);
  await tenantWithRoute(api, 'late');
  await reported('public', node('n2', await seqOf('public')), node('n1', await seqOf('public')));
  expect(await statusOf('early', 2)).toMatchObject({ state: 'live', stillRejected: [] });
  expect(await statusOf('late', 1)).toMatchObject({ state: 'live', stillRejected: [] });
});

test('a fleet that no longer serves the tenant reports what it rejected when it did', async () => {
  await tenantWithRoute(api, 'moved');
  await api.patch('/v1/tenants/moved/gateways/edge', { selector: { ingress: 'elsewhere' } });
  await reported('public', node('n1', await seqOf('public'), [rejects('moved', 1)]));
  expect((await statusOf('moved', 1)).state).toBe('rejected');
});

test('what follows a rejection that is dropped is stored', async () => {
  await tenantWithRoute(api, 'second');
  await reported('public', node('n1', await seqOf('public'), [rejects('nobody', 1), rejects('second', 1)]));
  expect((await statusOf('second', 1)).state).toBe('rejected');
});

test('a node that has received more than there is has received nothing', async () => {
  await tenantWithRoute(api, 'ahead');
  const stateOfNode = async (revision: number) =>
    (await statusOf('ahead', revision)).fleets[0].nodes.find((each: { node: string }) => each.node === 'n9').state;
  await reported('public', node('n9', (await seqOf('public')) + 1));
  expect(await stateOfNode(1)).toBe('pending');
  expect(await stateOfNode(await write('ahead', 'a'))).toBe('pending');
  await reported('public', node('n9', await seqOf('public')));
  expect(await stateOfNode(2)).toBe('live');
  await reported('public', { ...node('n9', 0), connected: false });
});

test('a fleet has ten thousand nodes at most: the ones not heard of for longest are forgotten', async () => {
  const of = (from: number) => Array.from({ length: 1000 }, (_, i) => node(`x${from + i}`, 0));
  for (let from = 0; from < 11_000; from += 1000) {
    await new Promise((resolve) => setTimeout(resolve, 2)); // Two reports are two moments.
    await reported('other', ...of(from));
  }
  const { items } = (await api.get('/v1/fleets/other/nodes')).body;
  const names = new Set(items.map(({ name }: { name: string }) => name));
  expect([names.size, names.has('x10999'), names.has('x1000'), names.has('x999'), names.has('n1')]).toEqual([
    10_000,
    true,
    true,
    false,
    false,
  ]);
});
