import { afterAll, beforeAll, expect, test } from 'vitest';
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
let admin: string;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
  admin = await tokenFor(api, '/v1/tenants/acme', { scopes: ['admin'] });
});
afterAll(() => api.close());

const at = '/v1/tenants/acme';

test('a token for some kinds writes only those: by itself, in bulk, and in a dry run', async () => {
  const token = await tokenFor(api, at, { scopes: ['write'], kinds: ['route', 'upstream'] });
  expect((await api.put(`${at}/routes/web`, route('acme.example.com', '7s'), { token })).status).toBe(200);
  const refused = await api.put(`${at}/gateways/edge`, gateway('acme.example.com'), { token });
  expect([refused.status, refused.body.detail]).toEqual([
    403,
    'requires the write scope of this tenant for a gateway, or the role gateway-admin',
  ]);
  // A bulk write with an unchanged gateway changes none.
  const document = (host: string, address: string) => ({
    gateways: { edge: gateway('acme.example.com', host) },
    upstreams: { web: upstream(address) },
    routes: { web: route('acme.example.com') },
  });
  const unchanged = { ...document('', '10.0.0.2'), gateways: { edge: gateway('acme.example.com') } };
  expect((await api.put(`${at}/configuration`, unchanged, { token })).status).toBe(201);
  const changed = document('b.example.com', '10.0.0.3');
  const bulk = await api.put(`${at}/configuration`, changed, { token });
  const dry = await api.put(`${at}/configuration?dryRun=true`, changed, { token });
  expect([bulk.status, dry.status]).toEqual([403, 200]);
  for (const errors of [bulk.body.violations, dry.body.errors])
    expect(errors).toMatchObject([{ resource: 'gateways/edge', code: 'forbidden' }]);
  const puts = [{ kind: 'gateway', name: 'edge', spec: gateway('c.example.com') }];
  expect((await api.post(`${at}/revisions`, { puts }, { token })).status).toBe(403);
  expect((await api.post(`${at}/revisions`, { deletes: [{ kind: 'gateway', name: 'edge' }] }, { token })).status).toBe(
    403,
  );
  // A restore that would change the gateway.
  await api.put(`${at}/gateways/edge`, gateway('acme.example.com', 'd.example.com'));
  const restored = await api.post(`${at}/revisions`, { restore: 1 }, { token });
  expect([restored.status, restored.body.violations?.[0].resource]).toEqual([403, 'gateways/edge']);
  expect((await api.get(`${at}/tokens`, { token })).status).toBe(403);
});

test('kinds do not go with the scope admin', async () => {
  const wrong = await api.post(`${at}/tokens`, { scopes: ['admin'], kinds: ['route'] });
  expect(wrong.status).toBe(422);
  expect(wrong.body.violations).toMatchObject([{ pointer: '/kinds' }]);
});

test('a token that a token creates ends with it: at its expiry, and when it is revoked', async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const parent = await api.post(`${at}/tokens`, { scopes: ['admin'], expiresAt: soon }, { token: admin });
  const token = parent.body.token as string;
  const late = await api.post(`${at}/tokens`, { scopes: ['read'], expiresAt: '2099-01-01T00:00:00Z' }, { token });
  expect(late.status).toBe(422);
  expect(late.body.violations).toMatchObject([{ pointer: '/expiresAt', code: 'too-late' }]);
  const child = await api.post(`${at}/tokens`, { scopes: ['read'] }, { token });
  expect(child.body).toMatchObject({ expiresAt: soon, createdBy: `token:${parent.body.id}` });
  expect((await api.get(at, { token: child.body.token })).status).toBe(200);
  expect((await api.remove(`${at}/tokens/${parent.body.id}`)).status).toBe(204);
  expect((await api.get(at, { token: child.body.token })).status).toBe(401);
  expect((await api.post(`${at}/tokens`, { scopes: ['read'] }, { token })).status).toBe(401);
  expect((await api.get(at, { token: admin })).status).toBe(200);
});

test('the list shows when a token was last used', async () => {
  const { body } = await api.post(`${at}/tokens`, { scopes: ['read'] });
  expect(body.lastUsedAt).toBeUndefined();
  const before = Date.now();
  await api.get(at, { token: body.token });
  const find = async () => {
    const { items } = (await api.get(`${at}/tokens?limit=500`)).body;
    return items.find(({ id }: { id: string }) => id === body.id).lastUsedAt;
  };
  // The response of the use does not wait for the write.
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  expect(Math.abs(Date.parse(await find()) - before)).toBeLessThan(10_000);
});

test('a token reads what it may do', async () => {
  const mine = await api.get('/v1/me', { token: admin });
  expect(mine.body).toMatchObject({ type: 'token', tenant: 'acme', scopes: ['admin'], roles: ['owner'] });
  expect((await api.get('/v1/me')).body).toMatchObject({ type: 'operator' });
  const agent = await tokenFor(api, '/v1/fleets/public');
  expect((await api.get('/v1/me', { token: agent })).body).toMatchObject({ type: 'agent', fleet: 'public' });
  expect((await api.get('/v1/me', { token: null })).status).toBe(401);
});
