import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { purgeTenants } from '../../../api/jobs/purge-tenants.ts';
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

const DAY = 24 * 60 * 60 * 1000;
let api: Harness;
let agent: string;
let count = 0;
let tenant: string;
let token: string;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_DELETION_GRACE_DAYS: '7' });
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
const isClosed = (event?: TenantEvent) => rules(event)?.every((rule) => rule?.directResponse?.status === 503);

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
    await api.remove(at(), { token });
    await purgeAt(Date.now() + 6 * DAY);
    expect((await api.get(at())).status).toBe(200);
    await api.post(at('/restore'), undefined, { token });
    await purgeAt(Date.now() + 8 * DAY);
    expect((await api.get(at())).status).toBe(200);
    await api.remove(at(), { token });
    await purgeAt(Date.now() + 8 * DAY);
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
