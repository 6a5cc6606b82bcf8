import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, harness } from '../harness.ts';
import { Authenticator } from '../passkeys/authenticator.ts';
import { type Mailbox, mailbox, PASSWORD, person } from './mailbox.ts';
import { companyPerson } from './stored-person.ts';

const PAGES = 'https://gatehouse.example.com';
const HOUR = 60 * 60 * 1000;
const anonymous = { token: null };

describe('an account without a password', () => {
  let api: Harness;
  let box: Mailbox;
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_PUBLIC_URL: PAGES });
    box = mailbox(api);
  });
  afterAll(() => api.close());

  const codeFor = async (token: string, email: string) => {
    const { status, body } = await api.post('/v1/auth/proof/code', undefined, { token });
    expect([status, body]).toEqual([202, { sentTo: email }]);
    return box.codeFor(email);
  };
  const changes = (email: string) =>
    [
      ['/v1/auth/password', { password: PASSWORD }],
      ['/v1/auth/email', { email }],
      ['/v1/auth/deletion', {}],
      ['/v1/auth/passkeys/options', {}],
    ] as const;

  test('needs no other proof right after a sign-in with a company', async () => {
    const email = 'recent@example.com';
    const token = await companyPerson(api, email);
    for (const [path, body] of changes('recent@example.org').toReversed())
      if (path !== '/v1/auth/deletion')
        expect([path, (await api.post(path, body, { token })).status < 300]).toEqual([path, true]);
    const signedIn = await api.post('/v1/auth/sign-in', { email, password: PASSWORD, credential: 'bearer' }, anonymous);
    expect(signedIn.status).toBe(200);
    // The session of the password is not a sign-in with the company.
    const later = { token: signedIn.body.token };
    expect((await api.post('/v1/auth/deletion', {}, later)).body.code).toBe('proof-required');
    expect((await api.post('/v1/auth/deletion', {}, { token })).status).toBe(204);
    expect((await api.get('/v1/auth/session', later)).status).toBe(401);
  });

  test('needs a proof later: nothing, a password, and a code of another person are none', async () => {
    const token = await companyPerson(api, 'later@example.com', HOUR);
    const stranger = await person(api, box, 'other@example.com');
    const code = await codeFor(stranger, 'other@example.com');
    for (const [path, body] of changes('later@example.org')) {
      const sent = async (proof: object) => (await api.post(path, { ...body, ...proof }, { token })).body.code;
      expect([path, await sent({}), await sent({ code })]).toEqual([path, 'proof-required', 'invalid-code']);
      const name = path === '/v1/auth/password' ? 'current' : 'password';
      expect([path, await sent({ [name]: PASSWORD })]).toEqual([path, 'wrong-credentials']);
    }
    expect((await api.get('/v1/auth/session', { token })).body.person.email).toBe('later@example.com');
  });

  test('changes its address and gets a password with codes, each for one change', async () => {
    const [old, email] = ['moving@example.com', 'moved@example.com'];
    const token = await companyPerson(api, old, HOUR);
    const ask = (code: string) => api.post('/v1/auth/email', { email, code }, { token });
    const code = await codeFor(token, old);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => ask(code)));
    expect(outcomes.filter(({ status }) => status === 202)).toHaveLength(1);
    expect((await ask(code)).body.code).toBe('invalid-code');
    expect((await ask(await codeFor(token, old))).status).toBe(202);
    const sent = await box.codeFor(email);
    // A code for a new address proves nothing else.
    expect((await ask(sent)).body.code).toBe('invalid-code');
    expect((await api.post('/v1/auth/email/confirm', { code: sent }, { token })).status).toBe(204);
    const set = { password: PASSWORD, code: await codeFor(token, email) };
    expect((await api.post('/v1/auth/password', set, { token })).status).toBe(204);
    expect((await api.post('/v1/auth/sign-in', { email, password: PASSWORD }, anonymous)).status).toBe(200);
  });

  test('is deleted with a passkey, its only way to sign in', async () => {
    const email = 'keys@example.com';
    const first = await companyPerson(api, email);
    const device = new Authenticator(PAGES);
    const options = (await api.post('/v1/auth/passkeys/options', {}, { token: first })).body;
    await api.post('/v1/auth/passkeys', { passkey: device.create(options) }, { token: first });
    const signIn = async () => {
      const given = (await api.post('/v1/auth/passkey-sign-in/options', undefined, anonymous)).body;
      return api.post('/v1/auth/passkey-sign-in', { passkey: device.get(given), credential: 'bearer' }, anonymous);
    };
    const { token } = (await signIn()).body;
    const remove = (proof: object) => api.post('/v1/auth/deletion', proof, { token });
    expect((await remove({})).body.code).toBe('proof-required');
    const proof = (await api.post('/v1/auth/proof/passkey', undefined, { token })).body;
    expect((await remove({ passkey: device.get(proof) })).status).toBe(204);
    expect([(await signIn()).status, (await api.get('/v1/auth/session', { token })).status]).toEqual([401, 401]);
  });
});
