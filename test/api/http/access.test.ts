import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../../api/access/authenticate.ts';
import { isAllowed, permission } from '../../../api/access/authorize.ts';
import type { Access } from '../../../api/access/matrix.ts';
import { nobody, principalOf } from '../../../api/access/principal.ts';
import { operations } from '../../../api/app.ts';
import type { Token } from '../../../api/store/tokens.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, OPERATOR, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';
import { invited, members, onHold, people, personOf } from './roles.ts';

let api: Harness;
const tokens: Record<string, string | null> = { nobody: null, operator: OPERATOR };
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'other', labels: {} });
  await tenantWithRoute(api, 'acme');
  await tenantWithRoute(api, 'rival');
  expect((await api.post('/v1/tenants/acme/fleets', { name: 'acme-own', ports: [] })).status).toBe(201);
  for (const scope of ['read', 'write', 'admin']) {
    tokens[scope] = await tokenFor(api, '/v1/tenants/acme', { scopes: [scope] });
    tokens[`rival ${scope}`] = await tokenFor(api, '/v1/tenants/rival', { scopes: [scope] });
  }
  tokens.rival = tokens['rival admin']!;
  await tenantWithRoute(api, 'frozen');
  expect((await api.post('/v1/tenants/frozen/fleets', { name: 'frozen-own', ports: [] })).status).toBe(201);
  for (const scope of ['read', 'write', 'admin'])
    tokens[`frozen ${scope}`] = await tokenFor(api, '/v1/tenants/frozen', { scopes: [scope] });
  tokens['frozen agent'] = await tokenFor(api, '/v1/fleets/frozen-own');
  expect((await api.post('/v1/tenants/frozen/suspend', { reason: 'overdue' })).status).toBe(200);
  tokens.agent = await tokenFor(api, '/v1/fleets/acme-own');
  tokens.otherAgent = await tokenFor(api, '/v1/fleets/other');
  const { body: revoked } = await api.post('/v1/tenants/acme/tokens', { scopes: ['admin'] });
  expect((await api.remove(`/v1/tenants/acme/tokens/${revoked.id}`)).status).toBe(204);
  tokens.revoked = revoked.token;
  tokens.unknown = 'gh_tenant_that_never_was';
  tokens.expired = 'gh_operator_that_has_expired';
  const expired: Token = {
    ...{ id: 'expired', description: '', scopes: ['operator'], prefix: 'gh_operator' },
    ...{ createdAt: Date.now() - 2000, expiresAt: Date.now() - 1000 },
  };
  const audit = { actor: 'test', action: 'create', target: 'tokens/expired', at: 0, requestId: 'test', remote: '' };
  await api.store.tokens.create(expired, await sha256(tokens.expired), audit);
});
afterAll(() => api.close());

const callers = [
  ...[
    'nobody',
    'operator',
    'read',
    'write',
    'admin',
    'rival read',
    'rival write',
    'rival admin',
    'agent',
    'otherAgent',
  ],
  ...['revoked', 'expired', 'unknown'],
];
/** Whoever has no valid token is answered 401, whatever the route. */
const unauthenticated = ['nobody', 'revoked', 'expired', 'unknown'];

const editors = ['operator', 'write', 'admin'];
/** Who is let in, written out by hand: this table is the specification, not the code's own opinion. */
const admitted: Record<Access, string[]> = {
  public: callers,
  self: callers.filter((caller) => !unauthenticated.includes(caller)),
  operator: ['operator'],
  'platform:read': ['operator'],
  'invitation:accept': [],
  'tenant:create': ['operator'],
  'person:self': [],
  'tenant:read': ['operator', 'read', 'write', 'admin'],
  'tenant:write': editors,
  'tenant:admin': ['operator', 'admin'],
  'tenant:delete': ['operator', 'admin'],
  'domain:write': ['operator', 'write', 'admin'],
  'tenant:leave': ['read', 'write', 'admin'],
  'member:read': ['operator', 'read', 'write', 'admin'],
  'member:write': ['operator', 'admin'],
  'member:remove': ['operator', 'admin'],
  'invitation:read': ['operator', 'admin'],
  'token:read': ['operator', 'admin'],
  'token:write': ['operator', 'admin'],
  'token:revoke': ['operator', 'admin'],
  'audit:read': ['operator', 'admin'],
  'route:write': editors,
  'upstream:write': editors,
  'endpoint:write': editors,
  'gateway:write': editors,
  'certificate:write': editors,
  'trustBundle:write': editors,
  'fleet:agent': ['agent'],
  'fleet:read': ['operator', 'agent', 'read', 'write', 'admin'],
  'fleet:write': editors,
  'agent:read': editors,
  'agent:revoke': editors,
  'tenant:fleets': editors,
};

const parameters: Record<string, string> = {
  tenant: 'acme',
  fleet: 'acme-own',
  name: 'absent',
  revision: '999',
  id: 'absent',
  domain: 'absent.example',
  file: 'absent',
  person: 'absent',
};

test.for(operations().map(({ contract }) => [contract.method.toUpperCase(), contract.path, contract.access] as const))(
  '%s %s is for %s and nobody else',
  async ([method, path, access]) => {
    const answerTo = (caller: string, of: Record<string, string> = parameters) => {
      const url = path.replace(/\{(\w+)\}/g, (_, name: string) => of[name]!);
      // An empty body, a deletion that names a version that never was: whoever is admitted changes nothing.
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { raw: '[' } : {};
      return api.call(method, `${url}${path.endsWith('/feed') ? '?after=0' : ''}`, undefined, {
        token: tokens[caller]!,
        headers: { 'if-match': '"never"' },
        ...body,
      });
    };
    const answers = await Promise.all(callers.map(async (caller) => ({ caller, ...(await answerTo(caller)) })));
    for (const { caller, status } of answers) {
      if (admitted[access].includes(caller)) expect([401, 403], `${caller} is let in`).not.toContain(status);
      else expect(status, `${caller} is refused`).toBe(unauthenticated.includes(caller) ? 401 : 403);
    }
    const frozen = { ...parameters, tenant: 'frozen', fleet: 'frozen-own' };
    const ofFrozen = ['read', 'write', 'admin', 'agent', 'operator'].map(async (caller) => ({
      caller,
      ...(await answerTo(caller === 'operator' ? caller : `frozen ${caller}`, frozen)),
    }));
    for (const { caller, status, body } of await Promise.all(ofFrozen)) {
      const isOnHold = caller !== 'operator' && onHold.includes(access);
      if (!admitted[access].includes(caller)) expect([status, body.code], caller).toEqual([403, 'forbidden']);
      else if (isOnHold) expect([status, body.code], caller).toEqual([403, 'tenant-suspended']);
      else expect([401, 403], `${caller} of a suspended tenant is let in`).not.toContain(status);
    }
    // Nobody else learns that the tenant is suspended.
    const { body } = await answerTo('rival admin', frozen);
    expect(body.code).not.toBe('tenant-suspended');
  },
);

test('the matrix itself: every action for every principal, and for a token of an unknown form none', () => {
  const token = (fields: Partial<Token>) =>
    principalOf({ id: 't', description: '', scopes: [], createdAt: 0, prefix: '', ...fields });
  const scopes = ['read', 'write', 'admin'] as const;
  const principals = {
    nobody,
    operator: token({ scopes: ['operator'] }),
    agent: token({ fleet: 'public', scopes: ['agent'] }),
    otherAgent: token({ fleet: 'other', scopes: ['agent'] }),
    ...Object.fromEntries(scopes.map((scope) => [scope, token({ tenant: 'acme', scopes: [scope] })])),
    ...Object.fromEntries(scopes.map((scope) => [`rival ${scope}`, token({ tenant: 'rival', scopes: [scope] })])),
    'no scope': token({ tenant: 'acme' }),
    "a tenant's operator": token({ tenant: 'acme', scopes: ['operator'] }),
    "a fleet's operator": token({ fleet: 'public', scopes: ['operator'] }),
    'a tenant and a fleet': token({ tenant: 'acme', fleet: 'public', scopes: ['admin', 'agent'] }),
    "an agent's scope without a fleet": token({ scopes: ['agent', 'admin'] }),
  };
  for (const access of (Object.keys(admitted) as Access[]).filter((each) => each !== 'public' && each !== 'self'))
    for (const [caller, principal] of Object.entries(principals)) {
      const isIn = admitted[access].includes(caller);
      expect(isAllowed(principal, access, { tenant: 'acme', fleet: 'public' }), `${caller}: ${access}`).toBe(isIn);
      // Without an owner in the path nothing is one's own.
      expect(isAllowed(principal, access, {})).toBe(isIn && caller === 'operator');
    }
});

test('the matrix itself: every action for people of every role', () => {
  for (const access of Object.keys(invited) as Access[])
    for (const role of people) {
      const granted = members.includes(role) && onHold.includes(access) ? 'while-open' : 'granted';
      const expected = invited[access].includes(role)
        ? granted
        : invited[access].includes(`${role}?`)
          ? 'reason'
          : undefined;
      const target = { tenant: 'acme', fleet: 'public' };
      expect(permission(personOf(role), access, target), `${role}: ${access}`).toBe(expected);
      // The role in one tenant permits nothing in another one.
      if (members.includes(role) && !['public', 'self', 'invitation:accept', 'tenant:create'].includes(access))
        if (members.includes(role) && !['public', 'self', 'invitation:accept', 'person:self'].includes(access))
          expect(permission(personOf(role), access, { tenant: 'rival', fleet: 'public' })).toBeUndefined();
    }
});

test('a token permits no more than the person who created it may do now', () => {
  const token = (scopes: Token['scopes'], more: Partial<Token> = {}): Token => ({
    ...{ id: 't', description: '', scopes, createdAt: 0, prefix: '', person: 'p', tenant: 'acme' },
    ...more,
  });
  const target = { tenant: 'acme' };
  const may = (made: Token, role: string, access: Access) => {
    const creator = personOf(role);
    if (creator.type !== 'person') throw new Error('a person creates it');
    return isAllowed(principalOf(made, { person: 'p', ...creator }), access, target);
  };
  expect(may(token(['admin']), 'owner', 'token:write')).toBe(true);
  expect(may(token(['admin']), 'operator', 'token:write')).toBe(true);
  expect(may(token(['admin']), 'gateway-admin', 'token:write')).toBe(false);
  expect(may(token(['write']), 'gateway-admin', 'gateway:write')).toBe(true);
  expect(may(token(['write']), 'route-editor', 'gateway:write')).toBe(false);
  expect(may(token(['write']), 'route-editor', 'route:write')).toBe(true);
  expect(may(token(['read']), 'owner', 'route:write')).toBe(false);
  // A person who left, and one who only reads with a reason.
  for (const role of ['of none', 'support']) expect(may(token(['admin']), role, 'tenant:read')).toBe(false);
  const ofPlatform: Token = { id: 't', description: '', scopes: ['operator'], createdAt: 0, prefix: '' };
  expect(may(ofPlatform, 'operator', 'operator')).toBe(true);
  expect(may(ofPlatform, 'support', 'operator')).toBe(false);
  expect(may(ofPlatform, 'owner', 'tenant:read')).toBe(true);
  expect(may(ofPlatform, 'owner', 'operator')).toBe(false);
  // An operator's token creates any number of tenants, with any name. People may create a few.
  expect(may(ofPlatform, 'operator', 'tenant:create')).toBe(true);
  for (const role of ['support', 'of none']) expect(may(ofPlatform, role, 'tenant:create')).toBe(false);
});

test('a token for some kinds writes only those, and reads the tenant', () => {
  const principal = principalOf({
    ...{ id: 't', description: '', scopes: ['write'], createdAt: 0, prefix: '', tenant: 'acme' },
    kinds: ['route', 'upstream'],
  });
  const allowed = (Object.keys(invited) as Access[]).filter((access) =>
    isAllowed(principal, access, { tenant: 'acme' }),
  );
  expect(allowed.toSorted()).toEqual([
    ...[
      'agent:read',
      'endpoint:write',
      'fleet:read',
      'member:read',
      'route:write',
      'self',
      'tenant:read',
      'tenant:write',
    ],
    'upstream:write',
  ]);
});

test('the document states the access of every operation', async () => {
  const { paths } = (await api.get('/openapi.json')).body;
  const documented = operations().filter(({ contract }) => !contract.isPage);
  const told = documented.map(({ contract }) => paths[contract.path][contract.method]['x-access']);
  expect(told).toEqual(documented.map(({ contract }) => contract.access));
});

test('every route of the app is one of the contracts', ({ skip }) => {
  if (elsewhere) skip(elsewhere);
  const declared = new Set(
    operations().map(
      ({ contract }) => `${contract.method.toUpperCase()} ${contract.path.replace(/\{(\w+)\}/g, ':$1')}`,
    ),
  );
  const mounted = api.app!.hono.routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(mounted)).toEqual(declared);
});

test('a 403 does not reveal whether the tenant exists', async () => {
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

test('a refusal says that the tenant may not exist, except to its own tokens', async () => {
  const detail = async (token: string, path: string) =>
    (await api.get(path, { headers: { authorization: `Bearer ${token}` } })).body.detail;
  const unknown = await detail(tokens.rival!, '/v1/tenants/absent');
  expect(unknown).toBe('requires the read scope of this tenant, or membership in it, or there is no such tenant');
  expect(await detail(tokens.rival!, '/v1/tenants/acme')).toBe(unknown);
  expect(await detail(tokens.read!, '/v1/tenants/acme/tokens')).toBe(
    'requires the admin scope of this tenant, or the role owner',
  );
});
