import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { type Mailbox, mailbox, person } from '../people/mailbox.ts';
import { asked, authorized, decided, GRANT } from './command.ts';

const PAGES = 'https://gatehouse.example.com';
let api: Harness;
let box: Mailbox;
let ada: string;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_PUBLIC_URL: PAGES });
  box = mailbox(api);
  ada = await person(api, box, 'ada@example.com');
});
afterAll(() => api.close());

test('a person approves what a command shows, and the command gets a session, once', async () => {
  const codes = await authorized(api, { device_name: 'laptop' });
  expect(codes).toMatchObject({
    user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
    verification_uri: `${PAGES}/device`,
    verification_uri_complete: `${PAGES}/device?user_code=${codes.user_code}`,
    expires_in: 600,
    interval: 2,
  });
  expect((await asked(api, codes)).body.error).toBe('slow_down');
  const typed = codes.user_code.toLowerCase().replace('-', ' ');
  const shown = await api.post('/v1/auth/device/lookup', { userCode: typed }, { token: ada });
  expect(shown).toMatchObject({ status: 200, body: { name: 'laptop', createdAt: expect.any(String) } });
  expect((await decided(api, ada, typed, 'approve')).status).toBe(204);
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => asked(api, codes)));
  const issued = outcomes.filter(({ status }) => status === 200);
  expect(issued).toHaveLength(1);
  const { access_token: token, token_type, expires_in } = issued[0]!.body;
  expect(token_type).toBe('Bearer');
  expect((await asked(api, codes)).body.error).toBe('invalid_grant');
  expect((await api.get('/v1/me', { token })).body.email).toBe('ada@example.com');
  // It is listed with the name of the machine, and ended like every other session.
  const { items } = (await api.get('/v1/auth/sessions', { token: ada })).body;
  expect(items.map((each: { name?: string }) => each.name)).toEqual(['laptop', undefined]);
  const [begun, approving] = items;
  expect(begun.expiresAt).toBe(approving.expiresAt);
  expect(expires_in).toBe(Math.floor((Date.parse(begun.expiresAt) - Date.parse(begun.createdAt)) / 1000));
  expect((await box.to('ada@example.com')).at(-1)).toMatchObject({
    template: 'command-signed-in',
    values: { name: 'laptop', time: expect.stringMatching(/^\d{4}-.* UTC$/), link: `${PAGES}/sessions` },
  });
  expect((await api.remove(`/v1/auth/sessions/${items[0].id}`, { token: ada })).status).toBe(204);
  expect((await api.get('/v1/me', { token })).status).toBe(401);
});

test.each([
  ['another session ends it', (id: string) => api.remove(`/v1/auth/sessions/${id}`, { token: ada })],
  ['its person signs out', (_: string, token: string) => api.post('/v1/auth/sign-out', undefined, { token })],
  ['all others are ended', () => api.remove('/v1/auth/sessions', { token: ada })],
])('a command gets nothing from a session that approved it when %s first', async (_, end) => {
  // The session of a command may approve another command.
  const first = await authorized(api, { device_name: 'first' });
  await decided(api, ada, first.user_code, 'approve');
  const { access_token: token } = (await asked(api, first)).body;
  const { items } = (await api.get('/v1/auth/sessions', { token })).body;
  const second = await authorized(api, { device_name: 'second' });
  expect((await decided(api, token, second.user_code, 'approve')).status).toBe(204);
  expect((await end(items[0].id, token)).status).toBe(204);
  const { status, body } = await asked(api, second);
  expect([status, body.error]).toEqual([400, 'invalid_grant']);
  const left = (await api.get('/v1/auth/sessions', { token: ada })).body.items;
  expect(left.map((each: { name?: string }) => each.name)).toEqual([undefined]);
});

test('a person denies what a command shows', async () => {
  const codes = await authorized(api);
  expect((await decided(api, ada, codes.user_code, 'deny')).status).toBe(204);
  expect((await asked(api, codes)).body.error).toBe('access_denied');
  expect((await decided(api, ada, codes.user_code, 'approve')).body.code).toBe('invalid-code');
});

test.for([
  ['/v1/auth/device', {}, 400, 'invalid_request'],
  ['/v1/auth/device', { client_id: 'another' }, 401, 'invalid_client'],
  ['/v1/auth/device', { client_id: 'gatehouse', scope: 'read' }, 400, 'invalid_scope'],
  ['/v1/auth/device', { client_id: 'gatehouse', device_name: 'a\nb' }, 400, 'invalid_request'],
  ['/v1/auth/device', 'client_id=gatehouse&client_id=gatehouse', 400, 'invalid_request'],
  ['/v1/auth/device', 'client_id=%ff', 400, 'invalid_request'],
  ['/v1/auth/device', 'client_id=%00', 400, 'invalid_request'],
  ['/v1/auth/device/token', { client_id: 'gatehouse', grant_type: GRANT }, 400, 'invalid_request'],
  ['/v1/auth/device/token', { client_id: 'x', grant_type: GRANT, device_code: 'x' }, 401, 'invalid_client'],
  [
    '/v1/auth/device/token',
    { client_id: 'gatehouse', grant_type: 'x', device_code: 'x' },
    400,
    'unsupported_grant_type',
  ],
  ['/v1/auth/device/token', { client_id: 'gatehouse', grant_type: GRANT, device_code: 'x' }, 400, 'invalid_grant'],
] as const)('%s with %j is answered as OAuth requires', async ([path, form, status, error]) => {
  const raw = new URLSearchParams(form).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await api.call('POST', path, undefined, {
    token: null,
    raw: typeof form === 'string' ? form : raw,
    headers,
  });
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('a body that is not a form is refused, and parameters without a value or of others are ignored', async () => {
  const answer = await api.post('/v1/auth/device', { client_id: 'gatehouse' }, { token: null });
  expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  expect(await authorized(api, { scope: '', device_name: '', other: 'x' })).toMatchObject({ interval: 2 });
});

describe.skipIf(elsewhere !== undefined)('in time', () => {
  let ahead = 0;
  beforeAll(() => void Object.assign(api.app!.services, { clock: () => Date.now() + ahead }));

  test('a command that asks at its interval waits, and learns when the code has expired', async () => {
    const codes = await authorized(api);
    const answers = [];
    for (const after of [2_000, 4_000, 5_000, 11_000, 13_000, 600_000]) {
      ahead = after;
      answers.push((await asked(api, codes)).body.error);
    }
    const pending = 'authorization_pending';
    expect(answers).toEqual([pending, pending, 'slow_down', 'slow_down', 'slow_down', 'expired_token']);
    expect((await decided(api, ada, codes.user_code, 'approve')).body.code).toBe('invalid-code');
  });

  test('a session does not renew itself by approving commands, one after another', async () => {
    const days = 24 * 60 * 60;
    let token = ada;
    for (const passed of [10, 20]) {
      ahead = passed * days * 1000;
      const codes = await authorized(api);
      await decided(api, token, codes.user_code, 'approve');
      const { access_token, expires_in } = (await asked(api, codes)).body;
      expect(Math.round(expires_in / days)).toBe(30 - passed);
      token = access_token;
    }
    ahead = 0;
    const { items } = (await api.get('/v1/auth/sessions', { token })).body;
    expect(new Set(items.map((each: { expiresAt: string }) => each.expiresAt)).size).toBe(1);
    expect(items).toHaveLength(3);
  });
});
