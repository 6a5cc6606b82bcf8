import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { type Mailbox, mailbox, PASSWORD, person } from './mailbox.ts';

const anonymous = { token: null };
const NEW = 'another long password';

describe('an account', () => {
  let api: Harness;
  let box: Mailbox;
  beforeAll(async () => {
    api = await harness();
    box = mailbox(api);
  });
  afterAll(() => api.close());

  const signIn = async (email: string, password = PASSWORD) =>
    (await api.post('/v1/auth/sign-in', { email, password, credential: 'bearer' }, anonymous)).status;
  const alive = async (token: string) => (await api.get('/v1/auth/session', { token })).status;
  const idOf = async (token: string) => (await api.get('/v1/auth/session', { token })).body.person.id;

  test('gets a new password by a code, once; all sessions end', async () => {
    const email = 'forgetful@example.com';
    const token = await person(api, box, email);
    expect((await api.post('/v1/auth/password/forgotten', { email }, anonymous)).status).toBe(202);
    const code = await box.codeFor(email);
    const reset = (password: string) => api.post('/v1/auth/password/reset', { code, password }, anonymous);
    expect((await reset('password123')).body.violations).toMatchObject([{ code: 'common-password' }]);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => reset(NEW)));
    expect(outcomes.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([204, 422]));
    expect((await reset(NEW)).body.detail).toBe('the code is unknown, has expired or was used');
    expect([await alive(token), await signIn(email), await signIn(email, NEW)]).toEqual([401, 401, 200]);
    expect((await box.to(email)).filter(({ template }) => template === 'password-changed').length).toBeGreaterThan(0);
  });

  test.skipIf(elsewhere)('an address without an account gets no mail, and the same answer', async () => {
    const email = 'unknown@example.com';
    const answer = await api.post('/v1/auth/password/forgotten', { email }, anonymous);
    expect([answer.status, answer.body]).toEqual([202, { sentTo: email }]);
    const queued = await api.get('/v1/mail?limit=500');
    expect(JSON.stringify(queued.body)).not.toContain(email);
    const code = await box.codeFor(email);
    expect((await api.post('/v1/auth/password/reset', { code, password: NEW }, anonymous)).body.code).toBe(
      'invalid-code',
    );
  });

  test('changes its password with the current one; other sessions end', async () => {
    const email = 'careful@example.com';
    const token = await person(api, box, email);
    const other = (await api.post('/v1/auth/sign-in', { email, password: PASSWORD, credential: 'bearer' }, anonymous))
      .body.token;
    const change = (current: string) => api.post('/v1/auth/password', { current, password: NEW }, { token });
    const { code, detail } = (await change('wrong password')).body;
    expect([code, detail]).toEqual(['wrong-credentials', 'the password is wrong, or the account has none']);
    expect((await change(PASSWORD)).status).toBe(204);
    expect([await alive(token), await alive(other), await signIn(email, NEW)]).toEqual([200, 401, 200]);
  });

  test('changes its address with a code to the new one, which only its person can use', async () => {
    const [old, email] = ['moving@example.com', 'moved@example.com'];
    const token = await person(api, box, old);
    const stranger = await person(api, box, 'onlooker@example.com');
    const ask = (address: string, password = PASSWORD) =>
      api.post('/v1/auth/email', { email: address, password }, { token });
    expect((await ask(email, 'wrong password')).status).toBe(401);
    expect((await ask(email)).status).toBe(202);
    const code = await box.codeFor(email);
    const confirm = (as: string) => api.post('/v1/auth/email/confirm', { code }, { token: as });
    expect([await signIn(old), (await confirm(stranger)).status]).toEqual([200, 422]);
    expect([(await confirm(token)).status, (await confirm(token)).status]).toEqual([204, 422]);
    expect([await signIn(old), await signIn(email)]).toEqual([401, 200]);
    expect((await box.to(old)).at(-1)).toMatchObject({ template: 'address-changed', values: { address: email } });
    const taken = await ask('onlooker@example.com');
    expect([taken.status, taken.body]).toEqual([202, { sentTo: 'onlooker@example.com' }]);
    expect((await box.to('onlooker@example.com')).at(-1)).toMatchObject({ template: 'address-in-use' });
  });

  test('is deleted with its sessions and memberships, unless a tenant would have no owner', async () => {
    const token = await person(api, box, 'leaving@example.com');
    const id = await idOf(token);
    const other = await idOf(await person(api, box, 'staying@example.com'));
    expect((await api.post('/v1/tenants', { name: 'acme' }, { token })).status).toBe(201);
    const audit = { actor: 'test', action: 'add', target: 'tenants/acme', at: 0, requestId: 'test', remote: '' };
    const owner = (of: string) => ({ tenant: 'acme', person: of, role: 'owner' as const, createdAt: 0 });
    const remove = (password: string) => api.post('/v1/auth/deletion', { password }, { token });
    expect((await remove('wrong password')).status).toBe(401);
    expect((await remove(PASSWORD)).body).toMatchObject({
      code: 'last-owner',
      detail: expect.stringContaining('the only owner of acme:'),
    });
    await api.store.members.add(owner(other), audit);
    const { body: made } = await api.post('/v1/tenants/acme/tokens', { scopes: ['read'] }, { token });
    const read = async () => (await api.get('/v1/tenants/acme', { token: made.token as string })).status;
    expect(await read()).toBe(200);
    expect((await remove(PASSWORD)).status).toBe(204);
    expect([await read(), await alive(token), await signIn('leaving@example.com')]).toEqual([401, 401, 401]);
    expect((await api.store.members.list('acme', { limit: 9 })).map(({ person: each }) => each)).toEqual([other]);
    const [last] = (await api.get('/v1/tenants/acme/audit')).body.items;
    expect(last).toMatchObject({ action: 'leave', actor: `person:${id}`, target: `tenants/acme/members/${id}` });
  });

  test('no password, code or address was logged', () => {
    const logged = api.logged().join('\n');
    for (const secret of [PASSWORD, NEW, 'gh_code_', 'gh_session_', '@example.com'])
      expect(logged).not.toContain(secret);
  });
});
