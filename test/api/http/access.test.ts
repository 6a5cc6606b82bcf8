import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Access } from '../../../api/access/authenticate.ts';
import { bindings } from '../../../api/app.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, OPERATOR, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';

let api: Harness;
const tokens: Record<string, string | null> = { nobody: null, operator: OPERATOR };
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'other', labels: {} });
  await tenantWithRoute(api, 'acme');
  await tenantWithRoute(api, 'rival');
  for (const scope of ['read', 'write', 'admin'])
    tokens[scope] = await tokenFor(api, '/v1/tenants/acme', { scopes: [scope] });
  tokens.rival = await tokenFor(api, '/v1/tenants/rival', { scopes: ['admin'] });
  tokens.agent = await tokenFor(api, '/v1/fleets/public');
  tokens.otherAgent = await tokenFor(api, '/v1/fleets/other');
});
afterAll(() => api.close());

/** Who is let in, written out by hand: the matrix is the specification, not the code's own opinion. */
const admitted: Record<Access, string[]> = {
  public: ['nobody', 'operator', 'read', 'write', 'admin', 'rival', 'agent', 'otherAgent'],
  operator: ['operator'],
  'tenant:read': ['operator', 'read', 'write', 'admin'],
  'tenant:write': ['operator', 'write', 'admin'],
  'tenant:admin': ['operator', 'admin'],
  'fleet:agent': ['agent'],
  'fleet:read': ['operator', 'agent'],
};

const callers = ['nobody', 'operator', 'read', 'write', 'admin', 'rival', 'agent', 'otherAgent'];
const parameters: Record<string, string> = {
  tenant: 'acme',
  fleet: 'public',
  name: 'absent',
  revision: '999',
  id: 'absent',
  file: 'absent',
};

test.for(bindings().map(({ contract }) => [contract.method.toUpperCase(), contract.path, contract.access] as const))(
  '%s %s is for %s and nobody else',
  async ([method, path, access]) => {
    const url = path.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name]!);
    for (const caller of callers) {
      // An empty body, a deletion that names a version that never was: whoever is admitted changes nothing.
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { raw: '[' } : {};
      const { status } = await api.call(method, `${url}${path.endsWith('/feed') ? '?after=0' : ''}`, undefined, {
        token: tokens[caller]!,
        headers: { 'if-match': '"never"' },
        ...body,
      });
      if (admitted[access].includes(caller)) expect([401, 403], `${caller} is let in`).not.toContain(status);
      else expect(status, `${caller} is refused`).toBe(caller === 'nobody' ? 401 : 403);
    }
  },
);

test('every route of the app is one of the contracts', ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  const declared = new Set(
    bindings().map(({ contract }) => `${contract.method.toUpperCase()} ${contract.path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  const mounted = api.app!.hono.routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(mounted)).toEqual(declared);
});

test('a refusal does not tell whether the tenant exists', async () => {
  const token = tokens.rival!;
  const there = await api.get('/v1/tenants/acme', { token });
  const absent = await api.get('/v1/tenants/absent', { token });
  expect({ ...there.body, requestId: '' }).toEqual({ ...absent.body, requestId: '' });
});

test('a revoked token is refused at once', async () => {
  const { body } = await api.post('/v1/tenants/acme/tokens', { scopes: ['read'] });
  expect((await api.get('/v1/tenants/acme', { token: body.token })).status).toBe(200);
  expect((await api.remove(`/v1/tenants/acme/tokens/${body.id}`)).status).toBe(204);
  expect((await api.get('/v1/tenants/acme', { token: body.token })).status).toBe(401);
});

test("one tenant cannot revoke another's token", async () => {
  const { body } = await api.post('/v1/tenants/acme/tokens', { scopes: ['read'] });
  expect((await api.remove(`/v1/tenants/rival/tokens/${body.id}`)).status).toBe(404);
  expect((await api.get('/v1/tenants/acme', { token: body.token })).status).toBe(200);
});
