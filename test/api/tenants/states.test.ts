import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { purgeTenants } from '../../../api/jobs/purge-tenants.ts';
import { timeOf } from '../../../api/time-of.ts';
import type { FeedEvent } from '../../../wire/feed.ts';
import { elsewhere } from '../engine.ts';
import { follow } from '../fleets/stream.ts';
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
import { mailbox, person } from '../people/mailbox.ts';

const DAY = 24 * 60 * 60 * 1000;
let api: Harness;
let agent: string;
let count = 0;
let tenant: string;
let token: string;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_DELETION_GRACE_DAYS: '7', GATEHOUSE_PLATFORM_DOMAIN: 'apps.example' });
  await api.post('/v1/fleets', SHARED_FLEET);
  agent = await tokenFor(api, '/v1/fleets/public');
});
beforeEach(async () => {
  tenant = `t${++count}`;
  await tenantWithRoute(api, tenant);
  token = await tokenFor(api, `/v1/tenants/${tenant}`, { scopes: ['admin'] });
});
afterAll(() => api.close());

const at = (path = '') => `/v1/tenants/${tenant}${path}`;
const suspend = () => api.post(at('/suspend'), { reason: 'overdue' });
const putRoute = (timeout: string) => api.put(at('/routes/web'), route(`${tenant}.example.com`, timeout), { token });
type TenantEvent = Extract<FeedEvent, { type: 'tenant' }>;
const isOf = (event: FeedEvent): event is TenantEvent => event.type === 'tenant' && event.tenant === tenant;

/** What a new agent gets of the tenant. */
async function snapshot(): Promise<TenantEvent | undefined> {
  const stream = await follow(api, '/v1/fleets/public/feed', agent);
  const events = await stream.until(({ type }) => type === 'snapshot-end');
  stream.close();
  return events.find(isOf);
}
const kinds = (event?: TenantEvent) => event?.puts.map(({ kind, name }) => `${kind} ${name}`);
const rules = (event?: TenantEvent) => event?.puts.flatMap((put) => (put.kind === 'route' ? put.spec.http : []));
/** Creates a shared fleet that serves nobody. */
async function addFleet() {
  const fleet = { ...SHARED_FLEET, name: `other${count}`, labels: { ingress: 'other' } };
  expect((await api.post('/v1/fleets', fleet)).body).toMatchObject({ name: fleet.name });
}
/** The fleets for which the first revision of a tenant waits. */
const fleetsOf = async (name: string) =>
  (await api.get(`/v1/tenants/${name}/revisions/1/status`)).body.fleets.map(({ fleet }: { fleet: string }) => fleet);
const isClosed = (event?: TenantEvent) => rules(event)?.every((rule) => rule?.directResponse?.status === 503);

test('a displayName of blanks is rejected', async () => {
  const { status } = await api.patch(at(), { displayName: '  ' });
  expect(status).toBe(422);
});

test('after a suspension, the status still counts only the fleets that serve the tenant', async () => {
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'apart', labels: { ingress: 'apart' } });
  for (const change of [suspend, () => api.post(at('/resume'), {})]) {
    expect((await change()).status).toBe(200);
    const { body } = await api.get(at('/revisions/1/status'), { token });
    expect(body.fleets.map(({ fleet }: { fleet: string }) => fleet)).toEqual(['public']);
  }
});

test('a suspended tenant is served with 503, and its configuration cannot be changed; then it resumes', async () => {
  const before = await snapshot();
  const { seq } = (await api.get('/v1/fleets/public', { token: agent })).body;
  const stream = await follow(api, `/v1/fleets/public/feed?after=${seq}`, agent);
  const suspended = await suspend();
  expect(suspended.body).toMatchObject({ suspendedReason: 'overdue', suspendedAt: expect.any(String) });
  const event = (await stream.until(isOf)).at(-1) as TenantEvent;
  expect(kinds(event)).toEqual(['gateway edge', 'route web']);
  expect(isClosed(event)).toBe(true);
  expect(event).toMatchObject({ base: 0, revision: 1 });
  expect(kinds(await snapshot())).toEqual(['gateway edge', 'route web']);

  const writes = [
    await putRoute('9s'),
    await api.put(`${at('/routes/web')}?dryRun=true`, route(`${tenant}.example.com`, '9s'), { token }),
    await api.put(at('/configuration'), {}, { token }),
    await api.remove(at('/routes/web'), { token }),
    await api.post(at('/revisions'), { restore: 1 }, { token }),
    await api.put(at('/upstreams/web/endpoints/a'), { address: '10.0.0.9', ttl: '60s' }, { token }),
    await putRoute('9s'),
  ];
  expect(writes.map(({ body }) => body.code ?? body)).toEqual(writes.map(() => 'tenant-suspended'));
  expect((await api.get(at('/configuration'), { token })).body).toHaveProperty('routes.web');
  expect((await suspend()).headers.get('etag')).toBe(suspended.headers.get('etag'));

  const resumed = await api.post(at('/resume'), undefined);
  expect(resumed.body).not.toHaveProperty('suspendedAt');
  expect((await stream.until(isOf)).at(-1)).toMatchObject({ base: 0, puts: before!.puts });
  stream.close();
  expect((await snapshot())?.puts).toEqual(before!.puts);
  expect((await putRoute('9s')).status).toBe(200);
  const { body } = await api.get(`${at('/audit')}?target=tenants/${tenant}&limit=3`, { token });
  expect(body.items.map(({ action }: { action: string }) => action)).toEqual(['publish', 'resume', 'suspend']);
});

test('of writers at the same time, none publishes after the suspension', async () => {
  const writers = Array.from({ length: 48 }, (_, index) => putRoute(`${index + 1}s`));
  const [suspended, ...written] = await Promise.all([suspend(), ...writers]);
  expect(suspended.status).toBe(200);
  for (const { status, body } of written) expect(status === 200 || body.code === 'tenant-suspended').toBe(true);
  const { body } = await api.get(at('/audit'), { token });
  expect(body.items[0]).toMatchObject({ action: 'suspend' });
  expect(isClosed(await snapshot())).toBe(true);
});

test('while it is suspended, its tokens may read, end access and delete it, and do nothing else', async () => {
  const other = await api.post(at('/tokens'), { scopes: ['read'] }, { token });
  const { body: fleet } = await api.post(at('/fleets'), { name: `${tenant}-own`, ports: [] }, { token });
  expect(fleet.name).toBe(`${tenant}-own`);
  await suspend();
  const writes = [
    await api.post(at('/tokens'), { scopes: ['read'] }, { token }),
    await api.post(at('/domains'), { name: 'example.org' }, { token }),
    await api.post(at('/invitations'), { email: 'ada@example.com', role: 'owner' }, { token }),
    await api.post(at('/fleets'), { name: `${tenant}-more`, ports: [] }, { token }),
    await api.post(`/v1/fleets/${tenant}-own/enrolments`, {}, { token }),
    await api.patch(at(), { displayName: 'x' }, { token }),
  ];
  expect(writes.map(({ status, body }) => [status, body.code])).toEqual(writes.map(() => [403, 'tenant-suspended']));
  for (const path of ['', '/configuration', '/tokens', '/audit', '/members', '/domains', '/usage'])
    expect((await api.get(at(path), { token })).status, path).toBe(200);
  expect((await api.remove(at(`/tokens/${other.body.id}`), { token })).status).toBe(204);
  expect((await api.get(at(), { token: other.body.token })).status).toBe(401);
  // Operators act for the tenant, except on its configuration.
  expect((await api.post(at('/tokens'), { scopes: ['read'] })).status).toBe(201);
  expect((await api.put(at('/routes/web'), route(`${tenant}.example.com`, '9s'))).body.code).toBe('tenant-suspended');
  expect((await api.remove(at(), { token })).status).toBe(202);
  expect((await api.post(at('/restore'), undefined, { token })).body).toMatchObject({ suspendedReason: 'overdue' });
  await api.post(at('/resume'), undefined);
  expect((await api.post(at('/tokens'), { scopes: ['read'] }, { token })).status).toBe(201);
});

test('the tenant, its revision and explanations say that it is suspended', async () => {
  const ask = async (body: object, of = tenant) => (await api.post(`/v1/tenants/${of}/explain`, body)).body;
  const web = { authority: `${tenant}.example.com`, path: '/cart' };
  expect(await ask(web)).toMatchObject({ outcome: 'matched', forwarded: {} });
  const status = async () => (await api.get(at('/revisions/1/status'))).body;
  expect(await status()).not.toHaveProperty('suspension');
  expect((await api.get(at())).body.defaultHost).toBe(`${tenant}.apps.example`);

  await suspend();
  const why = 'the tenant is suspended: overdue';
  expect(await ask(web)).toMatchObject({
    ...{ outcome: 'rejected', status: 503, why: `${why}, so the edge answers 503` },
    answer: { status: 503, headers: { 'retry-after': '3600' } },
  });
  expect(await ask(web)).not.toHaveProperty('rule');
  const unknown = await ask({ authority: 'unknown.example.com' });
  expect(unknown).toMatchObject({ outcome: 'not-found', why: expect.stringMatching(`^${why}; `) });
  // A configuration in the body is explained as if the tenant was resumed.
  const { body: configuration } = await api.get(at('/configuration'));
  expect(await ask({ ...web, configuration })).toMatchObject({ outcome: 'matched' });
  expect((await status()).suspension).toBe(why);

  await api.post(at('/resume'), undefined);
  const { deletedAt, purgeAt } = (await api.remove(at())).body;
  expect(Date.parse(purgeAt) - Date.parse(deletedAt)).toBe(7 * DAY);
  expect((await api.get(at())).body).toMatchObject({ deletedAt, purgeAt });
  expect((await ask(web)).why).toMatch(/the tenant was deleted, and can be restored until 20.* UTC/);
  expect((await status()).suspension).toContain('deleted');
});

test('a member sees that a tenant is suspended, and until when a deleted one can be restored', async () => {
  const owner = await person(api, mailbox(api), 'owner@example.com');
  const name = `${tenant}-owned`;
  const path = `/v1/tenants/${name}`;
  expect((await api.post('/v1/tenants', { name }, { token: owner })).status).toBe(201);
  const seen = async () => ({
    me: (await api.get('/v1/me', { token: owner })).body.memberships,
    page: (await api.get('/account', { token: owner })).body,
  });
  const own = { tenant: name, role: 'owner' };
  const link = `href="https://${name}.apps.example"`;
  expect(await seen()).toEqual({ me: [own], page: expect.stringContaining(link) });

  const suspendedReason = 'The <b>account</b> is overdue.';
  const { suspendedAt } = (await api.post(`${path}/suspend`, { reason: suspendedReason })).body;
  const suspended = await seen();
  expect(suspended).toEqual({
    me: [{ ...own, suspendedAt, suspendedReason }],
    page: expect.stringContaining('The tenant is suspended: The &lt;b&gt;account&lt;/b&gt; is overdue.</span>'),
  });
  expect(suspended.page).not.toContain(link);

  await api.post(`${path}/resume`, undefined);
  const { deletedAt, purgeAt } = (await api.remove(path, { token: owner })).body;
  const until = timeOf(Date.parse(purgeAt));
  expect(await seen()).toEqual({
    me: [{ ...own, deletedAt, purgeAt }],
    page: expect.stringContaining(`The tenant was deleted, and can be restored until ${until}.</span>`),
  });
  await api.post(`${path}/restore`, undefined, { token: owner });
  expect(await seen()).toEqual({ me: [own], page: expect.stringContaining(link) });
});

test('a revision waits only for fleets that serve it, also when other fleets are notified', async () => {
  await addFleet();
  expect(await fleetsOf(tenant)).toEqual(['public']);
  const changes = [
    suspend,
    () => api.post(at('/resume'), undefined),
    () => api.remove(at()),
    () => api.post(at('/restore'), undefined),
  ];
  for (const change of changes) {
    expect((await change()).status).toBeLessThan(300);
    expect(await fleetsOf(tenant)).toEqual(['public']);
  }
});

test('explanations of delegated requests consider that the other tenant is suspended', async () => {
  const child = `${tenant}-child`;
  await api.post('/v1/tenants', { name: child });
  const saying = { directResponse: { status: 200, body: 'cart' } };
  const cart = { parents: [`${tenant}/web`], http: [{ match: [{ uri: { pathPrefix: '/cart' } }], ...saying }] };
  expect((await api.put(`/v1/tenants/${child}/routes/cart`, cart)).status).toBe(201);
  const delegate = { match: [{ uri: { pathPrefix: '/cart' } }], delegate: { route: `${child}/cart` } };
  const web = { ...route(`${tenant}.example.com`), http: [delegate, saying] };
  expect((await api.put(at('/routes/web'), web)).status).toBe(200);
  const ask = async (of: string, path: string) =>
    (await api.post(`/v1/tenants/${of}/explain`, { authority: `${tenant}.example.com`, path })).body;
  for (const of of [tenant, child]) expect(await ask(of, '/cart/1')).toMatchObject({ outcome: 'matched' });

  await api.post(`/v1/tenants/${child}/suspend`, { reason: 'overdue' });
  expect(await ask(tenant, '/cart/1')).toMatchObject({
    ...{
      outcome: 'rejected',
      status: 503,
      why: `the tenant ${child} is not served at the moment, so the edge answers 503`,
    },
  });
  expect(await ask(tenant, '/')).toMatchObject({ outcome: 'matched' });
  await api.post(`/v1/tenants/${child}/resume`, undefined);
  await suspend();
  expect(await ask(child, '/cart/1')).toMatchObject({ outcome: 'rejected', status: 503 });
  // The reason is no business of the other tenant.
  expect(JSON.stringify(await ask(child, '/cart/1'))).not.toContain('overdue');
});

test('only operators suspend and resume', async () => {
  expect((await api.post(at('/suspend'), { reason: 'x' }, { token })).status).toBe(403);
  await suspend();
  expect((await api.post(at('/resume'), undefined, { token })).status).toBe(403);
  for (const path of ['suspend', 'resume', 'restore'])
    expect((await api.post(`/v1/tenants/nobody/${path}`, { reason: 'x' })).status).toBe(404);
  expect((await api.post(at('/suspend'), {})).body.violations[0].path).toBe('/reason');
  expect((await api.post(at('/resume'), undefined, { headers: { 'if-match': '"r1"' } })).status).toBe(412);
});

describe('a deleted tenant', () => {
  const claim = (name: string) => api.put(`/v1/tenants/${name}/gateways/edge`, gateway(`${tenant}.example.com`));
  const purgeAt = async (time: number) => {
    const { services } = api.app!;
    await purgeTenants.run({ ...services, clock: () => time }, new AbortController().signal);
  };

  test('answers 503 and keeps its name and hosts until it is restored', async () => {
    const rival = `${tenant}-rival`;
    await api.post('/v1/tenants', { name: rival });
    const deleted = await api.remove(at(), { token });
    expect(deleted).toMatchObject({ status: 202, body: { deletedAt: expect.any(String) } });
    expect(isClosed(await snapshot())).toBe(true);
    expect((await putRoute('9s')).body.code).toBe('tenant-suspended');
    expect((await api.post('/v1/tenants', { name: tenant })).body.code).toBe('name-taken');
    expect((await claim(rival)).body.code).toBe('host-taken');
    expect((await api.remove(at(), { token })).body).toEqual(deleted.body);
    expect((await api.post(at('/restore'), undefined, { token })).status).toBe(200);
    expect(isClosed(await snapshot())).toBe(false);
    expect((await putRoute('9s')).status).toBe(200);
  });

  test('that was suspended stays suspended when it is restored', async () => {
    await suspend();
    await api.remove(at());
    const restored = await api.post(at('/restore'), undefined);
    expect(restored.body).toMatchObject({ suspendedReason: 'overdue' });
    expect(restored.body).not.toHaveProperty('deletedAt');
    expect(isClosed(await snapshot())).toBe(true);
  });

  test.skipIf(elsewhere)('is purged when the grace period is over, and not if it was restored before', async () => {
    const server = { ...gateway(`*.${tenant}.test`).servers[0], allowedRoutes: { tenants: 'all' } };
    await api.put(at('/gateways/shared'), { ...gateway(), servers: [server] }, { token });
    const guest = `${tenant}-guest`;
    await api.post('/v1/tenants', { name: guest });
    const own = { gateways: { edge: gateway(`${guest}.example.com`) }, upstreams: { web: upstream() } };
    const routes = { web: { ...route(`${guest}.example.com`), gateways: ['edge', `${tenant}/shared`] } };
    expect((await api.put(`/v1/tenants/${guest}/configuration`, { ...own, routes })).body).toMatchObject({
      revision: 1,
    });
    await api.remove(at(), { token });
    await purgeAt(Date.now() + 6 * DAY);
    expect((await api.get(at())).status).toBe(200);
    await api.post(at('/restore'), undefined, { token });
    await purgeAt(Date.now() + 8 * DAY);
    expect((await api.get(at())).status).toBe(200);
    await api.remove(at(), { token });
    await addFleet();
    await purgeAt(Date.now() + 8 * DAY);
    expect(await fleetsOf(guest)).toEqual(['public']);
    expect((await api.get(at())).status).toBe(404);
    expect((await api.get(at(), { token })).status).toBe(401);
    expect(await snapshot()).toBeUndefined();
    expect((await api.post('/v1/tenants', { name: tenant })).status).toBe(201);
    const { body } = await api.get(`/v1/audit?target=tenants/${tenant}&action=purge`);
    expect(body.items).toMatchObject([{ actor: 'job:purge-tenants', chain: 'platform' }]);
  });
});

test('what a tenant exports is accepted as it is, also after changes', async () => {
  await api.put(at('/upstreams/more'), upstream('10.0.0.7'), { token });
  const exported = (await api.get(at('/configuration'), { token })).body;
  await api.remove(at('/routes/web'), { token });
  await api.remove(at('/upstreams/more'), { token });
  expect((await api.put(at('/configuration'), exported, { token })).status).toBe(201);
  expect((await api.get(at('/configuration'), { token })).body).toEqual(exported);
});
