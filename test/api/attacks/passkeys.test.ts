/** Every signature here is valid: somebody with an account, a passkey and software of their own attacks other people. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { browser } from '../pages/browser.ts';
import { Authenticator } from '../passkeys/authenticator.ts';
import { type Mailbox, mailbox, PASSWORD, person } from '../people/mailbox.ts';

const PAGES = 'https://gatehouse.example.com';
const anonymous = { token: null };

type Forgery = NonNullable<Parameters<Authenticator['get']>[1]>;

let api: Harness;
let box: Mailbox;
let ada: Awaited<ReturnType<typeof keeper>>;
let mallory: Awaited<ReturnType<typeof keeper>>;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_PUBLIC_URL: PAGES });
  box = mailbox(api);
  ada = await keeper('ada@example.com', 7);
  mallory = await keeper('mallory@example.com');
});
afterAll(() => api.close());

const begin = async (token: string) =>
  (await api.post('/v1/auth/passkeys/options', { password: PASSWORD }, { token })).body;
const add = (token: string, passkey: object) => api.post('/v1/auth/passkeys', { passkey }, { token });
const passkeysOf = async (token: string) => (await api.get('/v1/auth/passkeys', { token })).body.items.length;
const challenge = async () => (await api.post('/v1/auth/passkey-sign-in/options', undefined, anonymous)).body;
const signIn = (passkey: object) => api.post('/v1/auth/passkey-sign-in', { passkey, credential: 'bearer' }, anonymous);
const toProve = async (token: string) => (await api.post('/v1/auth/proof/passkey', undefined, { token })).body;
/** A passkey in a new authenticator. */
const made = (...of: Parameters<Authenticator['create']>) => new Authenticator(PAGES).create(...of);
/** Options for any passkey that the authenticator has. */
const open = <O extends object>(options: O) => ({ ...options, allowCredentials: [] });

async function keeper(email: string, counter?: number) {
  const token = await person(api, box, email);
  const device = new Authenticator(PAGES);
  device.counter = counter;
  const options = await begin(token);
  const made = device.create(options);
  expect((await add(token, made)).status).toBe(201);
  return { email, token, device, credential: made.id, handle: options.user.id };
}

/** Both people sign in as themselves, which also ends the pauses after failed attempts. */
async function bothSignIn() {
  for (const { email, device } of [ada, mallory]) {
    const { status, body } = await signIn(device.get(await challenge()));
    expect([status, body.person?.email]).toEqual([200, email]);
  }
}

test('the passkey of one person signs in as nobody else', async () => {
  const { credential: id, handle: user } = ada;
  const forgeries: Record<string, Forgery> = {
    'with the handle of another person': { user },
    'with the id of their passkey': { id },
    'with both': { id, user },
    'with two ids': { rawId: id, user },
    'with two ids, swapped': { id, rawId: mallory.credential, user },
    'with their id, and no handle': { id, user: null },
    'with their id in another case': { id: id.toLowerCase(), user },
  };
  for (const [what, forged] of Object.entries(forgeries)) {
    const { status, body, headers } = await signIn(mallory.device.get(await challenge(), forged));
    expect([what, status, body.code, headers.get('set-cookie')]).toEqual([what, 401, 'sign-in-failed', null]);
  }
  const passkey = JSON.stringify(mallory.device.get(await challenge(), { id, user }));
  expect(await browser(api).send('/sign-in', { passkey })).toMatchObject({ status: 401, location: null });
  await bothSignIn();
  // The signatures are not those of the passkey of Ada, so nobody has a copy of it.
  expect((await box.to(ada.email)).map(({ template }) => template)).not.toContain('passkey-copied');
});

test.each([
  `${PAGES}.evil.test`,
  `${PAGES}:8443`,
  `${PAGES}/`,
  PAGES.replace('https', 'http'),
  PAGES.replace('gatehouse', 'app.gatehouse'),
  'https://example.com',
  'null',
  '',
])('a signature for a page of %j does nothing', async (origin) => {
  expect((await signIn(ada.device.get(await challenge(), { origin }))).status).toBe(401);
  const passkey = ada.device.get(await toProve(ada.token), { origin });
  expect((await api.post('/v1/auth/deletion', { passkey }, { token: ada.token })).body.code).toBe('invalid-passkey');
  expect((await add(mallory.token, made(await begin(mallory.token), { origin }))).status).toBe(422);
  await bothSignIn();
});

test('somebody with a stolen session proves with no passkey of their own that the person sends a change', async () => {
  const { credential: id, handle: user, token } = ada;
  const forgeries: Forgery[] = [
    {},
    { user },
    { user: null },
    { id, user },
    { id, user: null },
    { rawId: id, user: null },
  ];
  const changes: [string, object][] = [
    ['/v1/auth/password', { password: 'a password of the attacker' }],
    ['/v1/auth/email', { email: 'attacker@example.com' }],
    ['/v1/auth/passkeys/options', {}],
    ['/v1/auth/deletion', {}],
  ];
  for (const [n, forged] of forgeries.entries()) {
    const own = open(await toProve(mallory.token));
    for (const options of [open(await toProve(token)), own, await challenge()]) {
      const [path, change] = changes[n % changes.length]!;
      const passkey = mallory.device.get(options, forged);
      const { status, body } = await api.post(path, { ...change, passkey }, { token });
      expect([path, forged, status, body.code]).toEqual([path, forged, 422, 'invalid-passkey']);
    }
    // The challenge is not used up by what another session sends.
    const passkey = mallory.device.get(own);
    expect((await api.post('/v1/auth/passkeys/options', { passkey }, { token: mallory.token })).status).toBe(200);
  }
});

test('a challenge serves one purpose, in the session that requested it', async () => {
  const adding = await begin(ada.token);
  const toSign = { rpId: adding.rp.id, challenge: adding.challenge, ...open({}) };
  const forPurposes = [toSign, open(await toProve(ada.token))] as Parameters<Authenticator['get']>[0][];
  for (const options of forPurposes) expect((await signIn(ada.device.get(options))).status).toBe(401);
  const passkey = ada.device.get(forPurposes[0]!);
  expect((await api.post('/v1/auth/deletion', { passkey }, { token: ada.token })).status).toBe(422);
  const before = [await passkeysOf(ada.token), await passkeysOf(mallory.token)];
  // Nobody adds a passkey with the challenge of another person, of a proof or of a sign-in.
  const own = await begin(mallory.token);
  for (const { challenge: wrong } of [adding, await toProve(mallory.token), await challenge()]) {
    const { status, body } = await add(mallory.token, made({ ...own, challenge: wrong }));
    expect([status, body.code]).toEqual([422, 'invalid-passkey']);
  }
  expect((await add(ada.token, made(own))).status).toBe(422);
  expect([await passkeysOf(ada.token), await passkeysOf(mallory.token)]).toEqual(before);
  await bothSignIn();
});

test('nobody adds a passkey with the id of one that exists', async () => {
  const { credential: id } = ada;
  const before = await passkeysOf(mallory.token);
  // The last character of 32 bytes in base64url has two bits without a meaning.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const alias = id.slice(0, -1) + alphabet[alphabet.indexOf(id.at(-1)!) ^ 1];
  for (const forged of [
    { attested: id },
    { id },
    { attested: id, id: alias },
    { rawId: id },
    { attested: alias, rawId: alias },
  ]) {
    const thief = new Authenticator(PAGES);
    const { status, body } = await add(mallory.token, thief.create(await begin(mallory.token), forged));
    expect([forged, status, body.code]).toEqual([forged, 422, 'invalid-passkey']);
    expect((await signIn(thief.get(await challenge(), { id, user: mallory.handle }))).status).toBe(401);
    await bothSignIn();
  }
  expect((await signIn(ada.device.get(await challenge(), { id: alias }))).status).toBe(401);
  expect(await passkeysOf(mallory.token)).toBe(before);
  await bothSignIn();
});

test('of changes and sign-ins with one signature, or with one count of a copied authenticator, one succeeds', async () => {
  // The authenticator of Mallory does not count, so only the challenge is used up.
  const passkey = mallory.device.get(await toProve(mallory.token));
  const send = (path: string, change: object) => api.post(path, { ...change, passkey }, { token: mallory.token });
  const changes = await Promise.all([
    send('/v1/auth/email', { email: 'mallory@example.org' }),
    send('/v1/auth/passkeys/options', {}),
    send('/v1/auth/email', { email: 'mallory@example.net' }),
    send('/v1/auth/passkeys/options', {}),
  ]);
  expect(changes.filter(({ status }) => status < 300)).toHaveLength(1);
  expect((await send('/v1/auth/deletion', {})).body.code).toBe('invalid-passkey');
  const count = ada.device.counter!;
  const copies = [];
  for (let copy = 0; copy < 4; copy++) {
    ada.device.counter = count;
    copies.push(ada.device.get(await challenge()));
  }
  const signedIn = await Promise.all(copies.map(signIn));
  expect(signedIn.filter(({ status }) => status === 200)).toHaveLength(1);
});

test.skipIf(elsewhere)('a signature comes too late after five minutes, or after the end of the session', async () => {
  const services = api.app!.services;
  const { clock } = services;
  const late = { signIn: await challenge(), proof: await toProve(ada.token), adding: await begin(mallory.token) };
  Object.assign(services, { clock: () => clock() + 5 * 60_000 + 1 });
  try {
    expect((await signIn(ada.device.get(late.signIn))).status).toBe(401);
    const passkey = ada.device.get(late.proof);
    expect((await api.post('/v1/auth/deletion', { passkey }, { token: ada.token })).status).toBe(422);
    expect((await add(mallory.token, made(late.adding))).status).toBe(422);
  } finally {
    Object.assign(services, { clock });
  }
  const options = open(await toProve(mallory.token));
  expect((await api.post('/v1/auth/sign-out', undefined, { token: mallory.token })).status).toBe(204);
  const { token } = (await signIn(mallory.device.get(await challenge()))).body;
  const passkey = mallory.device.get(options);
  expect((await api.post('/v1/auth/deletion', { passkey }, { token })).status).toBe(422);
});
