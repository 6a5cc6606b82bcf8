import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gateway, type Harness, harness, route, SHARED_FLEET, tokenFor, upstream } from './harness.ts';
import { storedPerson } from './people/stored-person.ts';

let api: Harness;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
});
afterAll(() => api.close());

const RACERS = 64;

let count = 0;
/** A tenant with a plan of its own, a gateway for its hosts and an upstream. */
async function tenant(quotas: Record<string, number> = {}) {
  const name = `t${++count}`;
  const plan = `plan-${name}`;
  expect((await api.put(`/v1/plans/${plan}`, { quotas })).status).toBe(201);
  await api.post('/v1/tenants', { name });
  expect((await api.put(`/v1/tenants/${name}/plan`, { plan })).body).toEqual({ plan });
  return { name, plan, at: `/v1/tenants/${name}` };
}

/** How many answers have each status. */
const tally = (answers: { status: number }[]) => {
  const statuses: Record<number, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return statuses;
};
const race = <T>(one: (index: number) => Promise<T>) => Promise.all(Array.from({ length: RACERS }, (_, i) => one(i)));

describe('plans', () => {
  test('are created, replaced, listed and deleted by operators', async () => {
    const created = await api.put('/v1/plans/trial', { description: 'For trials', quotas: { routes: 20 } });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'trial',
      quotas: { routes: 20 },
      limits: { routes: 20, rules: 200_000 },
    });
    const [first, second] = [created.headers.get('etag')!, created.headers.get('etag')!.replace('r1-', 'r2-')];
    const replaced = await api.put('/v1/plans/trial', { quotas: { rules: 9 } }, { headers: { 'if-match': first } });
    expect([replaced.status, replaced.headers.get('etag')]).toEqual([200, second]);
    expect(replaced.body).toMatchObject({ quotas: { rules: 9 }, limits: { routes: 50_000, rules: 9 } });
    expect((await api.put('/v1/plans/trial', { quotas: {} }, { headers: { 'if-match': first } })).status).toBe(412);
    const names = (await api.get('/v1/plans')).body.items.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['default', 'trial']));
    expect((await api.remove('/v1/plans/trial')).status).toBe(204);
    expect((await api.get('/v1/plans/trial')).status).toBe(404);
  });

  test('reject quotas that do not exist, and limits that are no limits', async () => {
    const { status, body } = await api.put('/v1/plans/odd', { quotas: { routs: 5, rules: -1, revisions: 0 } });
    expect([status, body.code]).toEqual([422, 'invalid-request']);
    expect(body.violations.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      '/quotas/revisions',
      '/quotas/routs',
      '/quotas/rules',
    ]);
  });

  test('stay while a tenant has them, and only those that exist are given', async () => {
    const { at, plan, name } = await tenant();
    expect((await api.get(at)).body.plan).toBe(plan);
    const kept = await api.remove(`/v1/plans/${plan}`);
    expect([kept.status, kept.body.code, kept.body.detail]).toEqual([
      409,
      'plan-in-use',
      expect.stringContaining(name),
    ]);
    const unknown = await api.put(`${at}/plan`, { plan: 'nowhere' });
    expect([unknown.status, unknown.body.violations]).toMatchObject([
      422,
      [{ pointer: '/plan', code: 'unknown-plan' }],
    ]);
    expect((await api.put(`${at}/plan`, { plan: 'default' })).status).toBe(200);
    expect((await api.remove(`/v1/plans/${plan}`)).status).toBe(204);
    expect((await api.put('/v1/tenants/nobody/plan', { plan: 'default' })).status).toBe(404);
  });

  test('are not for tenants to read or change; the usage is', async () => {
    const { at, plan } = await tenant({ routes: 7 });
    const other = await tenant();
    const token = await tokenFor(api, at, { scopes: ['admin'] });
    for (const answer of [
      await api.get('/v1/plans', { token }),
      await api.get(`/v1/plans/${plan}`, { token }),
      await api.put(`/v1/plans/${plan}`, { quotas: {} }, { token }),
      await api.put(`${at}/plan`, { plan: 'default' }, { token }),
      await api.get(`${other.at}/usage`, { token }),
    ])
      expect(answer.status).toBe(403);
    const { body } = await api.get(`${at}/usage`, { token });
    expect(body).toMatchObject({ plan, quotas: { routes: { limit: 7, used: 0 }, tokens: { used: 1 } } });
  });
});

describe('quotas of a configuration', () => {
  test('are those of the plan: a race of writers does not exceed one', async () => {
    const { at, name } = await tenant({ routes: 10 });
    await api.put(`${at}/gateways/edge`, gateway(`*.${name}.example.com`));
    await api.put(`${at}/upstreams/web`, upstream());
    const answers = await race((i) => api.put(`${at}/routes/r${i}`, route(`h${i}.${name}.example.com`)));
    expect(tally(answers)).toEqual({ 201: 10, 422: RACERS - 10 });
    const rejected = answers.find(({ status }) => status === 422)!.body;
    expect([rejected.code, rejected.violations]).toMatchObject([
      'invalid-configuration',
      [{ code: 'too-many-routes' }],
    ]);
    expect((await api.get(`${at}/usage`)).body.quotas.routes).toEqual({ limit: 10, used: 10 });
  });

  test('limit each kind and the rules, and a dry run says so', async () => {
    const { at, name } = await tenant({ gateways: 1, upstreams: 1, rules: 2, certificates: 0, trustBundles: 0 });
    const hosts = [`a.${name}.example.com`, `b.${name}.example.com`];
    const rule = { directResponse: { status: 200 } };
    const document = {
      gateways: { edge: gateway(hosts[0]!), more: gateway(hosts[1]!) },
      upstreams: { web: upstream(), other: upstream() },
      routes: { web: { ...route(hosts[0]!), http: [rule, rule, rule] } },
    };
    const { status, body } = await api.put(`${at}/configuration?dryRun=true`, document);
    expect(status).toBe(200);
    expect(body.errors).toMatchObject([
      { code: 'too-many-gateways', pointer: '/gateways/more' },
      { code: 'too-many-upstreams', pointer: '/upstreams/web' },
      { code: 'too-many-rules', pointer: '/routes/web/http/2' },
    ]);
    const written = await api.put(`${at}/configuration`, document);
    expect([written.status, written.body.violations]).toEqual([422, body.errors]);
  });

  test('of a smaller plan keep what the tenant has, and admit nothing more', async () => {
    const { at, name } = await tenant({ gatewayHosts: 5 });
    const hosts = Array.from({ length: 5 }, (_, i) => `h${i}.${name}.example.com`);
    expect((await api.put(`${at}/gateways/edge`, gateway(...hosts))).status).toBe(201);
    await api.put('/v1/plans/small', { quotas: { gatewayHosts: 2 } });
    await api.put(`${at}/plan`, { plan: 'small' });
    expect((await api.put(`${at}/gateways/edge`, gateway(...hosts.slice(1)))).status).toBe(200);
    const more = await api.put(`${at}/gateways/edge`, gateway(...hosts));
    expect([more.status, more.body.violations]).toMatchObject([422, [{ code: 'too-many-hosts' }]]);
  });

  test('of a changed plan apply to the next write', async () => {
    const { at, plan } = await tenant({ upstreams: 1 });
    expect((await api.put(`${at}/upstreams/one`, upstream())).status).toBe(201);
    expect((await api.put(`${at}/upstreams/two`, upstream())).status).toBe(422);
    await api.put(`/v1/plans/${plan}`, { quotas: { upstreams: 2 } });
    expect((await api.put(`${at}/upstreams/two`, upstream())).status).toBe(201);
    await api.put(`/v1/plans/${plan}`, { quotas: {} });
    expect((await api.put(`${at}/upstreams/three`, upstream())).status).toBe(201);
  });

  test('of registered endpoints hold in a race too', async () => {
    const { at } = await tenant({ endpoints: 20 });
    await api.put(`${at}/upstreams/web`, { port: 80, endpoints: [] });
    const answers = await race((i) =>
      api.put(`${at}/upstreams/web/endpoints/e${i}`, { address: `10.0.1.${i}`, port: 80, ttl: '60s' }),
    );
    expect(tally(answers)).toEqual({ 201: 10, 422: RACERS - 10 });
  });
});

test('a race of requests for tokens does not exceed the quota; a revoked token counts no more', async () => {
  const { at } = await tenant({ tokens: 5 });
  const answers = await race(() => api.post(`${at}/tokens`, { scopes: ['read'] }));
  expect(tally(answers)).toEqual({ 201: 5, 409: RACERS - 5 });
  const rejected = answers.find(({ status }) => status === 409)!.body;
  expect([rejected.code, rejected.detail]).toEqual(['too-many', expect.stringContaining('5 tokens')]);
  const { id } = answers.find(({ status }) => status === 201)!.body;
  expect((await api.remove(`${at}/tokens/${id}`)).status).toBe(204);
  expect((await api.post(`${at}/tokens`, { scopes: ['read'] })).status).toBe(201);
  expect((await api.get(`${at}/usage`)).body.quotas.tokens).toEqual({ limit: 5, used: 5 });
});

test('a race for domains does not exceed the quota', async () => {
  const { at } = await tenant({ domains: 3 });
  const answers = await race((i) => api.post(`${at}/domains`, { name: `d${i}.example.org` }));
  expect(tally(answers)).toEqual({ 201: 3, 409: RACERS - 3 });
  expect(answers.find(({ status }) => status === 409)!.body.detail).toContain('3 domains');
  expect((await api.get(`${at}/usage`)).body.quotas.domains).toEqual({ limit: 3, used: 3 });
});

test('requests are charged to the tenant by their cost, and each response says what is left', async () => {
  const { at } = await tenant({ requestsPerSecond: 1, requestBurst: 40 });
  const tokens = [await tokenFor(api, at, { scopes: ['admin'] }), await tokenFor(api, at, { scopes: ['read'] })];
  const [token, second] = tokens as [string, string];
  const left = ({ headers }: { headers: Headers }) => Number(/r=(\d+)/.exec(headers.get('ratelimit')!)![1]);

  const first = await api.get(at, { token });
  expect(first.headers.get('ratelimit-policy')).toBe('"tenant";q=40;w=40');
  expect(left(first)).toBe(39);
  const explained = await api.post(`${at}/explain`, { authority: 'a.test', path: '/' }, { token });
  expect([explained.status, left(explained) <= 21]).toEqual([200, true]);
  // The other token of the tenant shares what is left. A problem says so too.
  const absent = await api.get(`${at}/routes/none`, { token: second });
  expect([absent.status, left(absent) <= 20]).toEqual([404, true]);
  const written = await api.put(`${at}/configuration`, { upstreams: { web: upstream() } }, { token });
  expect([written.status, left(written) <= 12]).toEqual([201, true]);
  const refused = await api.post(`${at}/explain`, { authority: 'a.test', path: '/' }, { token: second });
  expect([refused.status, refused.body.code]).toEqual([429, 'too-many-requests']);
  expect(refused.body.detail).toContain('counts as 20');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await api.get(at, { token })).status).toBe(200);

  // Neither another tenant nor the operator pays for it, nor does a stranger use it up.
  const other = await tenant({});
  const stranger = await tokenFor(api, other.at, { scopes: ['read'] });
  expect((await api.get(other.at, { token: stranger })).headers.get('ratelimit')).toContain('"tenant"');
  const before = left(await api.get(at, { token }));
  const denied = await api.get(at, { token: stranger });
  expect([denied.status, denied.headers.get('ratelimit')]).toEqual([403, expect.stringContaining('"default"')]);
  for (let n = 0; n < 5; n++) await api.get(at, { token: stranger });
  expect(left(await api.get(at, { token }))).toBeGreaterThanOrEqual(before - 1);
  expect((await api.get(at)).headers.get('ratelimit')).toContain('"default"');
  const staff = await storedPerson(api, 'staff@example.com', '');
  const { person } = (await api.store.people.findByEmail('staff@example.com'))!;
  const audit = { actor: 'test', action: 'appoint', target: 'people', at: 0, requestId: 'test', remote: '' };
  await api.store.members.appoint(person.id, 'operator', audit);
  expect((await api.get(at, { token: staff })).headers.get('ratelimit')).toContain('"default"');
});
