import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../../api/app.ts';
import { TenantRole } from '../../../api/members/schema.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute } from '../harness.ts';
import { mailbox, person } from '../people/mailbox.ts';
import { invited, onHold } from './roles.ts';

const REASON = { 'gatehouse-reason': 'a question of the customer' };
const parameters: Record<string, string> = { tenant: 'acme', fleet: 'acme-own', revision: '999' };

describe.skipIf(elsewhere !== undefined)('every operation for people of every role', () => {
  let api: Harness;
  const sessions: Record<string, string> = {};
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_RATE_LIMIT: '0' });
    const box = mailbox(api);
    await api.post('/v1/fleets', SHARED_FLEET);
    for (const name of ['acme', 'rival', 'frozen']) await tenantWithRoute(api, name);
    expect((await api.post('/v1/tenants/frozen/fleets', { name: 'frozen-own', ports: [] })).status).toBe(201);
    expect((await api.post('/v1/tenants/acme/fleets', { ...SHARED_FLEET, name: 'acme-own', labels: {} })).status).toBe(
      201,
    );
    const audit = { actor: 'test', action: 'create', target: 'tokens', at: 0, requestId: 'test', remote: '' };
    const roles = [...TenantRole.options, 'of none', 'rival', 'operator', 'support', 'signed out'];
    for (const role of roles) {
      const token = (sessions[role] = await person(api, box, `${role.replace(' ', '-')}@example.com`));
      const { id } = (await api.get('/v1/me', { token })).body;
      const tenantRole = TenantRole.options.find((each) => each === role);
      for (const tenant of tenantRole ? ['acme', 'frozen'] : [])
        await api.store.members.add({ tenant, person: id, role: tenantRole!, createdAt: 0 }, audit);
      if (role === 'rival')
        await api.store.members.add({ tenant: 'rival', person: id, role: 'owner', createdAt: 0 }, audit);
      if (role === 'operator' || role === 'support') await api.store.members.appoint(id, role, audit);
      if (role === 'signed out') await api.store.personSessions.revokeAll(id, audit);
      api.app!.services.grants.changed(id);
      api.app!.services.people.forget(id);
    }
    expect((await api.post('/v1/tenants/frozen/suspend', { reason: 'overdue' })).status).toBe(200);
  });
  afterAll(() => api.close());

  // Changes of these need no name and no body, so they would end the sessions and memberships of the test.
  const isWalked = ({ access, method }: { access: string; method: string }) =>
    access !== 'public' && !(method !== 'get' && (access === 'person:self' || access === 'tenant:leave'));

  test.for(
    operations()
      .map(({ contract }) => contract)
      .filter(isWalked)
      .map(({ method, path, access }) => [method.toUpperCase(), path, access] as const),
  )('%s %s is for %s and nobody else', async ([method, path, access]) => {
    const answerTo = (caller: string, headers: object = {}, of = parameters) => {
      const url = path.replace(/\{(\w+)\}/g, (_, name: string) => of[name] ?? 'absent');
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { raw: '[' } : {};
      const options = { token: sessions[caller]!, headers: { 'if-match': '"never"', ...headers }, ...body };
      return api.call(method, `${url}${path.endsWith('/feed') ? '?after=0' : ''}`, undefined, options);
    };
    const statusFor = async (caller: string, headers: object = {}) => (await answerTo(caller, headers)).status;
    const statuses = Object.keys(sessions).map(async (caller) => [caller, await statusFor(caller)] as const);
    for (const [caller, status] of await Promise.all(statuses)) {
      const role = caller === 'rival' ? 'of none' : caller;
      if (caller === 'signed out') expect(status, caller).toBe(401);
      else if (invited[access].includes(role)) expect([401, 403], `${caller} is let in`).not.toContain(status);
      else expect(status, `${caller} is refused`).toBe(403);
    }
    for (const caller of [...TenantRole.options, 'operator']) {
      const frozen = { ...parameters, tenant: 'frozen', fleet: 'frozen-own' };
      const { status, body } = await answerTo(caller, {}, frozen);
      const isOnHold = caller !== 'operator' && onHold.includes(access);
      if (!invited[access].includes(caller)) expect([status, body.code], caller).toEqual([403, 'forbidden']);
      else if (isOnHold) expect([status, body.code], caller).toEqual([403, 'tenant-suspended']);
      else expect([401, 403], `${caller} of a suspended tenant is let in`).not.toContain(status);
    }
    // Of a tenant that does not exist, nobody learns more than of one of others.
    const isForSupport = [...invited[access]].some((each) => each.startsWith('support'));
    if (isForSupport) expect([401, 403], 'with a reason').not.toContain(await statusFor('support', REASON));
    else expect(await statusFor('support', REASON), 'a reason alone').toBe(403);
  });

  test('what support reads is in the audit log of the tenant, with the reason', async () => {
    const token = sessions.support!;
    const headers = REASON;
    expect(
      (await api.get('/v1/tenants/acme/routes/web', { token, headers: { 'gatehouse-reason': 'why' } })).status,
    ).toBe(403);
    expect((await api.get('/v1/tenants/acme/routes/web', { token, headers })).status).toBe(200);
    expect((await api.get('/v1/tenants/absent/routes/web', { token, headers })).status).toBe(404);
    expect((await api.get('/v1/fleets/acme-own', { token, headers })).status).toBe(200);
    expect((await api.get('/v1/fleets/public', { token, headers })).status).toBe(200);
    const log = (await api.get('/v1/tenants/acme/audit?action=support-read&limit=500', { token: sessions.owner! }))
      .body;
    const read = log.items.map(({ target }: { target: string }) => target);
    expect(read).toEqual(expect.arrayContaining(['tenants/acme/routes/web', 'tenants/acme/fleets/acme-own']));
    expect(read).not.toContain('fleets/public');
    expect(log.items[0].diff.changes[0].after).toBe(REASON['gatehouse-reason']);
  });
});
