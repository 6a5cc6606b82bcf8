/** Registered endpoints: what the API accepts, and what registered endpoints forbid. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Turns } from '../../../api/store/turns.ts';
import { elsewhere } from '../engine.ts';
import { gateway, type Harness, harness, route, SHARED_FLEET, tokenFor } from '../harness.ts';

let api: Harness;
let tenants = 0;
let tenant: string;
const address = '10.0.0.7';
const body = { address, ttl: '30s' };

beforeAll(async () => {
  api = await harness({ GATEHOUSE_ENDPOINTS: '12', GATEHOUSE_ENDPOINT_EXPIRY: '50' });
  await api.post('/v1/fleets', { ...SHARED_FLEET, denyDestinations: ['10.66.0.0/16'] });
});
afterAll(() => api.close());
beforeEach(async () => {
  tenant = `t${++tenants}`;
  await api.post('/v1/tenants', { name: tenant });
  const configuration = {
    gateways: { edge: gateway(`${tenant}.test`) },
    upstreams: { web: { port: 80, endpoints: [{ address: '10.0.0.1' }] } },
    routes: { web: route(`${tenant}.test`) },
  };
  expect((await api.put(`/v1/tenants/${tenant}/configuration`, configuration)).status).toBe(201);
});

const upstream = () => `/v1/tenants/${tenant}/upstreams/web`;
const at = (id: string) => `${upstream()}/endpoints/${id}`;
const codes = ({ body }: { body: { violations?: { code: string; path: string }[] } }) =>
  body.violations?.map(({ code, path }) => [code, path]);
const ids = async () =>
  (await api.get(`${upstream()}/endpoints`)).body.items.map(({ id }: { id: string }) => id) as string[];

test('registers, renews, replaces, lists in pages, reads and removes', async () => {
  const full = { ...body, port: 81, labels: { version: 'v1' }, weight: 3, ttl: '1m30s' };
  const created = await api.put(at('a'), full);
  expect(created.status).toBe(201);
  const { registeredAt, expiresAt, ...view } = created.body;
  expect(view).toEqual({ ...full, id: 'a', ttl: '90s' });
  expect(Date.parse(expiresAt) - Date.parse(registeredAt)).toBe(90_000);
  await new Promise((resolve) => setTimeout(resolve, 2)); // Two registrations are two moments.
  const renewed = await api.put(at('a'), full);
  expect([renewed.status, renewed.body.registeredAt]).toEqual([200, registeredAt]);
  expect(Date.parse(renewed.body.expiresAt)).toBeGreaterThan(Date.parse(expiresAt));
  const replaced = await api.put(at('a'), body);
  expect([replaced.status, replaced.body.port]).toEqual([200, undefined]);
  for (const id of ['c', 'b']) expect((await api.put(at(id), body)).status).toBe(201);
  const first = await api.get(`${upstream()}/endpoints?limit=2`);
  expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(['a', 'b']);
  const rest = await api.get(`${upstream()}/endpoints?limit=2&cursor=${first.body.next}`);
  expect([rest.body.items.length, rest.body.next]).toEqual([1, undefined]);
  // The job that expires endpoints may extend every registration once, when it first runs.
  expect((await api.get(at('a'))).body).toEqual({ ...replaced.body, expiresAt: expect.any(String) });
  expect((await api.remove(at('a'))).status).toBe(204);
  expect([(await api.remove(at('a'))).status, (await api.get(at('a'))).status]).toEqual([404, 404]);
  expect(await ids()).toEqual(['b', 'c']);
  const { revision } = (await api.get(`/v1/tenants/${tenant}`)).body;
  expect(revision).toBe(1);
});

test('no warning says that an upstream with registered endpoints has none, and explain counts them', async () => {
  const subsets = ['1', '2'].map((version) => ({ name: `v${version}`, labels: { version } }));
  const empty = { port: 80, endpoints: [] };
  const warned = (reply: { body: { warnings: { code: string; path: string }[] } }) =>
    reply.body.warnings.map(({ code, path }) => `${code} ${path}`);
  expect(warned(await api.put(upstream(), empty))).toEqual(['no-endpoints /endpoints']);
  for (const id of ['a', 'b']) await api.put(at(id), { ...body, labels: { version: '1' } });
  expect(warned(await api.put(upstream(), { ...empty, connectTimeout: '2s' }))).toEqual([]);
  const listed = { port: 80, endpoints: [{ address: '10.0.0.1' }], subsets };
  expect(warned(await api.put(upstream(), listed))).toEqual(['empty-subset /subsets/1/labels']);
  const placed = { port: 80, endpoints: [], loadBalancer: { localityWeights: { eu: 1 } } };
  expect((await api.put(upstream(), placed)).status).toBe(200);
  expect((await api.put(at('c'), { ...body, locality: 'eu' })).status).toBe(201);
  expect(warned(await api.put(upstream(), { ...placed, connectTimeout: '3s' }))).toEqual([]);
  await api.remove(at('c'));
  await api.put(upstream(), listed);
  const explained = await api.post(`/v1/tenants/${tenant}/explain`, { authority: `${tenant}.test`, path: '/' });
  expect(explained.body.forwarded.destinations).toMatchObject([{ endpoints: 1, registeredEndpoints: 2 }]);
});

test.for([
  ['a DNS name', { ...body, address: 'app.test' }, [['invalid-value', '/address']]],
  ['no TTL', { address }, [['required', '/ttl']]],
  ['a TTL below 15 s', { address, ttl: '14999ms' }, [['invalid-value', '/ttl']]],
  ['an address that the fleet denies', { ...body, address: '10.66.0.1' }, [['destination-denied', '/address']]],
  ['such an address as mapped IPv6', { ...body, address: '::ffff:10.66.0.1' }, [['destination-denied', '/address']]],
  ['a locality that has no weight', { ...body, locality: 'eu' }, [['without-effect', '/locality']]],
] as const)('rejects %s', async ([, input, violations]) => {
  const refused = await api.put(at('a'), input);
  expect([refused.status, codes(refused)]).toEqual([422, violations]);
  expect(await ids()).toEqual([]);
});

test('needs an upstream and a tenant, and an id that is a name', async () => {
  expect((await api.put(`/v1/tenants/${tenant}/upstreams/none/endpoints/a`, body)).status).toBe(404);
  expect((await api.put(`/v1/tenants/none/upstreams/web/endpoints/a`, body)).status).toBe(404);
  for (const path of ['tenants/none/upstreams/web', `tenants/${tenant}/upstreams/none`])
    expect((await api.get(`/v1/${path}/endpoints`)).status).toBe(404);
  for (const id of ['-', 'a%20b', '.', 'x'.repeat(129)])
    expect([400, 404, 422], id).toContain((await api.put(at(id), body)).status);
  expect((await api.put(at('x'.repeat(128)), body)).status).toBe(201);
});

test('of one tenant are closed to another; readers cannot register', async () => {
  await api.put(at('a'), body);
  const reader = await tokenFor(api, `/v1/tenants/${tenant}`, { scopes: ['read'] });
  const writer = await tokenFor(api, `/v1/tenants/${tenant}`, { scopes: ['write'] });
  await api.post('/v1/tenants', { name: `${tenant}-other` });
  const other = await tokenFor(api, `/v1/tenants/${tenant}-other`, { scopes: ['write', 'read'] });
  for (const token of [other]) {
    expect((await api.get(at('a'), { token })).status).toBe(403);
    expect((await api.remove(at('a'), { token })).status).toBe(403);
  }
  for (const token of [other, reader]) expect((await api.put(at('a'), body, { token })).status).toBe(403);
  expect((await api.get(at('a'), { token: reader })).status).toBe(200);
  expect((await api.put(at('a'), body, { token: writer })).status).toBe(200);
});

test('are possible beside DNS names, but not with `dns: logical`', async () => {
  const logical = { port: 80, dns: 'logical', endpoints: [{ address: 'app.test' }] };
  await api.put(upstream(), logical);
  expect((await api.put(at('a'), body)).body).toMatchObject({ status: 409, code: 'dns-upstream' });
  await api.put(upstream(), { port: 80, endpoints: [{ address: 'app.test' }] });
  expect((await api.put(at('a'), body)).status).toBe(201);
  for (const query of ['', '?dryRun=true']) {
    const changed = await api.put(upstream() + query, logical);
    expect([changed.status, codes(changed)]).toEqual([422, [['has-registered-endpoints', '/dns']]]);
  }
  await api.remove(at('a'));
  expect((await api.put(upstream(), logical)).status).toBe(200);
});

test('count against the limit of the tenant, once and again for each subset that selects them', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f'])
    expect((await api.put(at(id), { ...body, labels: { v: id < 'd' ? '1' : '2' } })).status).toBe(201);
  const seventh = await api.put(at('g'), body);
  expect([seventh.status, codes(seventh)]).toEqual([422, [['too-many-endpoints', '']]]);
  expect((await api.put(at('a'), { ...body, weight: 2 })).status).toBe(200);
  const endpoints = (count: number) => Array.from({ length: count }, (_, n) => ({ address: `10.0.1.${n}` }));
  const seven = await api.put(upstream(), { port: 80, endpoints: endpoints(7) });
  expect([seven.status, codes(seven)]).toEqual([422, [['too-many-endpoints', '/endpoints']]]);
  expect((await api.put(upstream(), { port: 80, endpoints: endpoints(6) })).status).toBe(200);
  const subsets = [{ name: 'one', labels: { v: '1' } }];
  const selecting = await api.put(upstream(), { port: 80, endpoints: endpoints(1), subsets });
  expect([selecting.status, codes(selecting)]).toEqual([422, [['too-many-endpoints', '/subsets']]]);
  expect((await api.remove(at('f'))).status).toBe(204);
  expect((await api.put(upstream(), { port: 80, endpoints: endpoints(1) })).status).toBe(200);
});

test('go with their upstream, and do not return with it', async () => {
  await api.put(at('a'), body);
  await api.remove(`/v1/tenants/${tenant}/routes/web`);
  expect((await api.remove(upstream())).status).toBe(204);
  await api.put(upstream(), { port: 80, endpoints: [] });
  expect(await ids()).toEqual([]);
  await api.put(at('a'), body);
  const restored = await api.post(`/v1/tenants/${tenant}/revisions`, { restore: 1 });
  expect(restored.status).toBe(201);
  expect(await ids()).toEqual(['a']);
});

test('many registrations and a change of the configuration at once all succeed', async () => {
  const many = Array.from({ length: 6 }, (_, n) => api.put(at(`p${n}`), body));
  const changes = Array.from({ length: 6 }, (_, n) =>
    api.put(`/v1/tenants/${tenant}/routes/web`, route(`${tenant}.test`, `${n + 1}s`)),
  );
  expect(new Set((await Promise.all([...many, ...changes])).map(({ status }) => status))).toEqual(new Set([200, 201]));
  expect(await ids()).toHaveLength(6);
});

test.skipIf(elsewhere)('a few of a tenant are written at the same time, so others need not wait for many', async () => {
  const { services } = api.app!;
  Object.assign(services, { heavyReads: new Turns() });
  let [now, most] = [0, 0];
  const { groups } = services.store.endpoints;
  services.store.endpoints.groups = async (of) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 2));
    return groups(of).finally(() => now--);
  };
  const made = await Promise.all(Array.from({ length: 6 }, (_, n) => api.put(at(`p${n}`), body)));
  const removed = await Promise.all(Array.from({ length: 6 }, (_, n) => api.remove(at(`p${n}`))));
  services.store.endpoints.groups = groups;
  expect([...made, ...removed].map(({ status }) => status)).toEqual([...Array(6).fill(201), ...Array(6).fill(204)]);
  expect(most).toBe(3);
  expect(await ids()).toEqual([]);
});
