import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asked, authorized, decided } from '../device/command.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, OPERATOR, tokenFor } from '../harness.ts';
import { type Mailbox, mailbox, PASSWORD, person } from '../people/mailbox.ts';

describe.skipIf(elsewhere !== undefined)('somebody who attacks the sign-in on a command line', () => {
  let api: Harness;
  let box: Mailbox;
  beforeAll(async () => {
    api = await harness();
    box = mailbox(api);
    // Delays then do not end during a test.
    const now = Date.now();
    Object.assign(api.app!.services, { clock: () => now });
  });
  afterAll(() => api.close());

  test('guesses few codes of others', async () => {
    const token = await person(api, box, 'guessing@example.com');
    const { user_code: code } = await authorized(api);
    const guess = () => api.post('/v1/auth/device/lookup', { userCode: 'BCDF-GHJK' }, { token });
    const answers = await Promise.all(Array.from({ length: 64 }, guess));
    const wrong = answers.filter(({ body }) => body.code === 'invalid-code');
    expect([wrong.length, answers.filter(({ status }) => status === 429).length]).toEqual([11, 53]);
    // Then the right code is of no use either.
    expect((await decided(api, token, code, 'approve')).status).toBe(429);
  });

  test('approves nothing without the session of a person, nor from a page of another origin', async () => {
    const { user_code: userCode, device_code } = await authorized(api);
    await api.post('/v1/tenants', { name: 'acme' });
    const machine = await tokenFor(api, '/v1/tenants/acme', { scopes: ['admin'] });
    const body = { userCode, decision: 'approve' };
    for (const token of [machine, OPERATOR, null])
      expect([401, 403]).toContain((await api.post('/v1/auth/device/decision', body, { token })).status);
    await person(api, box, 'browser@example.com');
    const signedIn = { email: 'browser@example.com', password: PASSWORD };
    const set = (await api.post('/v1/auth/sign-in', signedIn, { token: null })).headers.get('set-cookie')!;
    const cookie = set.split(';')[0]!;
    for (const origin of ['https://evil.example.com', 'null'])
      expect(
        (await api.post('/v1/auth/device/decision', body, { token: null, headers: { cookie, origin } })).status,
      ).toBe(403);
    expect((await asked(api, { device_code })).body.error).toMatch(/pending|slow_down/);
  });

  test('uses no approval of before the person ended all sessions or changed the password', async () => {
    const email = 'robbed@example.com';
    const token = await person(api, box, email);
    const approved = async () => {
      const codes = await authorized(api);
      expect((await decided(api, token, codes.user_code, 'approve')).status).toBe(204);
      return codes;
    };
    const first = await approved();
    expect((await api.remove('/v1/auth/sessions', { token })).status).toBe(204);
    expect((await asked(api, first)).body.error).toBe('invalid_grant');
    const second = await approved();
    const change = { current: PASSWORD, password: 'another long password' };
    expect((await api.post('/v1/auth/password', change, { token })).status).toBe(204);
    expect((await asked(api, second)).body.error).toBe('invalid_grant');
    const third = await approved();
    await api.post('/v1/auth/deletion', { password: change.password }, { token });
    expect((await asked(api, third)).body.error).toBe('invalid_grant');
  });

  test('fills no table: requests of one network are delayed', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 160 }, () =>
        api.call('POST', '/v1/auth/device', undefined, {
          token: null,
          raw: 'client_id=gatehouse',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
      ),
    );
    const late = statuses.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(50);
    for (const { body, headers } of late) {
      expect(body.error).toBe('temporarily_unavailable');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  test('finds no code in the log or the audit log', async () => {
    const logged = api.logged().join('\n');
    expect(logged).not.toMatch(/gh_(device|session)_|user_code=/);
    const { items } = (await api.get('/v1/audit?limit=500')).body;
    const text = JSON.stringify(items);
    for (const action of ['request', 'approve']) expect(text).toContain(`"action":"${action}"`);
    expect(text).not.toMatch(/gh_(device|session)_|[B-Z]{4}-[B-Z]{4}/);
  });
});
