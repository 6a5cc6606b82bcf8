/** An agent's words change only what its own fleet serves. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';

let api: Harness;
let agent: string;
let stranger: string;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_DEDICATED_NODES: '20', GATEHOUSE_WAITING: '2' });
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

test('a fleet of one tenant has fewer', async () => {
  await api.post('/v1/tenants', { name: 'owner' });
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'own', labels: { ingress: 'own' }, tenant: 'owner' });
  const token = await tokenFor(api, '/v1/fleets/own');
  for (const round of ['a', 'b']) {
    const nodes = Array.from({ length: 15 }, (_, i) => node(`${round}${i}`, 0));
    await new Promise((resolve) => setTimeout(resolve, 2)); // Two reports are two moments.
    expect((await api.post('/v1/fleets/own/status', { agent: 'a', nodes }, { token })).status).toBe(204);
  }
  const { items } = (await api.get('/v1/fleets/own/nodes')).body;
  expect(items).toHaveLength(20);
  expect(items.filter(({ name }: { name: string }) => name.startsWith('b'))).toHaveLength(15);
  const first = (await api.get('/v1/fleets/own/nodes?limit=12')).body;
  const second = (await api.get(`/v1/fleets/own/nodes?cursor=${first.next}`)).body;
  expect([...first.items, ...second.items]).toEqual(items);
});

test('of one report, a thousand rejections of a tenant are stored', async () => {
  await tenantWithRoute(api, 'loud');
  let head = 1;
  for (let i = 0; i < 20; i++) head = await write('loud', `t${i}`);
  const many = Array.from({ length: 100 }, (_, i) => rejects('loud', head, { from: 1, path: `/${i}` }));
  await reported('public', node('n1', await seqOf('public'), many), node('n2', await seqOf('public'), many));
  const counts = [];
  for (let revision = 1; revision <= head; revision++) {
    const { nodes } = (await statusOf('loud', revision)).fleets[0];
    counts.push(...nodes.map((each: { rejections: unknown[] }) => each.rejections.length));
  }
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
  expect(api.logged().join()).toContain('an agent reports more rejections than are stored');
});

test('the words about closed ports are shortened, and no port is left out', async () => {
  const words = Array.from({ length: 100 }, (_, i) => ({
    listener: `tcp-${i + 1}`,
    port: i + 1,
    message: 'é"\n'.repeat(1300),
  }));
  await reported('other', { ...node('n1', 0), listenerRejections: words });
  const { items } = (await api.get('/v1/fleets/other/nodes?limit=1')).body;
  expect(items[0].rejections.map(({ port }: { port: number }) => port)).toEqual(words.map(({ port }) => port));
  expect(JSON.stringify(items).length).toBeLessThan(9_000);
});

test('429: too many requests of a tenant wait; another tenant’s does not', async () => {
  for (const name of ['patient', 'calm']) await tenantWithRoute(api, name);
  await reported('public', { ...node('n3', 0), connected: true });
  const waiting = (tenant: string, name: string, seconds: number) =>
    api.put(
      `/v1/tenants/${tenant}/upstreams/${name}`,
      { port: 80, endpoints: [{ address: '10.0.0.1' }] },
      {
        headers: { prefer: `wait=${seconds}` },
      },
    );
  const both = [waiting('patient', 'a', 2), waiting('patient', 'b', 2)];
  for (let revision = 1; revision < 3; ) revision = (await api.get('/v1/tenants/patient')).body.revision;
  const refused = await waiting('patient', 'c', 2);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  expect((await api.get('/v1/tenants/patient/upstreams/c')).status).toBe(404);
  expect((await waiting('calm', 'a', 0)).status).toBe(202);
  await reported(
    'public',
    { ...node('n3', 0), connected: false },
    node('n1', await seqOf('public')),
    node('n2', await seqOf('public')),
  );
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await waiting('patient', 'c', 0)).status).toBe(202);
});
