import 'reflect-metadata';
import { KeyObject, sign } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relyingParty } from '../../../api/webauthn/relying-party.ts';
import { type Harness, harness } from '../harness.ts';
import { type Mailbox, mailbox, PASSWORD, person } from '../people/mailbox.ts';
import { Authenticator, FLAGS } from './authenticator.ts';

const PAGES = 'https://gatehouse.example.com';
const DASHBOARD = 'https://dashboard.gatehouse.example.com';
const anonymous = { token: null };

let api: Harness;
let box: Mailbox;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_PUBLIC_URL: PAGES, GATEHOUSE_CORS_ORIGINS: DASHBOARD });
  box = mailbox(api);
});
afterAll(() => api.close());

const begin = async (token: string, proof: object = { password: PASSWORD }) =>
  (await api.post('/v1/auth/passkeys/options', proof, { token })).body;
const add = (token: string, passkey: object, more: object = {}) =>
  api.post('/v1/auth/passkeys', { passkey, ...more }, { token });
const list = async (token: string) => (await api.get('/v1/auth/passkeys', { token })).body.items;
const challenge = async () => (await api.post('/v1/auth/passkey-sign-in/options', undefined, anonymous)).body;
const signIn = (passkey: object, more: object = { credential: 'bearer' }) =>
  api.post('/v1/auth/passkey-sign-in', { passkey, ...more }, anonymous);
const proofOptions = async (token: string) => (await api.post('/v1/auth/proof/passkey', undefined, { token })).body;

/** A person with a passkey in an authenticator. */
async function keeper(email: string, { counter }: { counter?: number } = {}) {
  const token = await person(api, box, email);
  const device = new Authenticator(PAGES);
  device.counter = counter;
  const added = await add(token, device.create(await begin(token)), { name: 'Laptop' });
  expect(added.status).toBe(201);
  return { token, device, id: added.body.id as string };
}

/** Makes attestations with a certificate of the form that WebAuthn requires (§8.2.1). */
async function withCertificate() {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'C=US, O=Example, OU=Authenticator Attestation, CN=Example',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new x509.BasicConstraintsExtension(false)],
  });
  const x5c = [new Uint8Array(certificate.rawData)];
  return (signed: Uint8Array) => {
    const sig = new Uint8Array(sign('sha256', signed, KeyObject.from(keys.privateKey)));
    const attStmt = new Map<string, unknown>(Object.entries({ alg: -7, sig, x5c }));
    return { fmt: 'packed', attStmt };
  };
}

describe('a passkey', () => {
  test('is added with a proof, and signs its person in; the session is like any other', async () => {
    const { token, device, id } = await keeper('ada@example.com');
    expect((await box.to('ada@example.com')).at(-1)).toMatchObject({
      template: 'passkey-added',
      values: { name: 'Laptop' },
    });
    const { allowCredentials, ...options } = await challenge();
    expect([allowCredentials, options.rpId, options.userVerification]).toEqual([
      [],
      'gatehouse.example.com',
      'required',
    ]);
    const { status, body } = await signIn(device.get({ ...options, allowCredentials }));
    expect([status, body.person?.email, body.session?.method]).toEqual([200, 'ada@example.com', 'passkey']);
    const methods = (await api.get('/v1/auth/sessions', { token: body.token })).body.items.map(
      (each: { method: string }) => each.method,
    );
    expect(methods.toSorted()).toEqual(['passkey', 'password']);
    expect(await list(token)).toEqual([
      {
        ...{ id, name: 'Laptop', syncable: false, synced: false },
        ...{ createdAt: expect.any(String), lastUsedAt: expect.any(String) },
      },
    ]);
    const cookie = (await signIn(device.get(await challenge()), {})).headers.get('set-cookie');
    expect(cookie).toMatch(/^__Host-gatehouse=gh_session_/);
  });

  test.each([-8, -257] as const)('may have a key of the algorithm %d', async (algorithm) => {
    const token = await person(api, box, `algorithm${algorithm}@example.com`);
    const device = new Authenticator(DASHBOARD);
    expect((await add(token, device.create(await begin(token), { algorithm }))).status).toBe(201);
    expect((await signIn(device.get(await challenge()))).status).toBe(200);
  });

  test('is renamed and removed, by its person only; a mail informs the person', async () => {
    const { token, device, id } = await keeper('owner@example.com');
    const stranger = await person(api, box, 'stranger@example.com');
    const rename = (as: string) => api.patch(`/v1/auth/passkeys/${id}`, { name: 'Phone' }, { token: as });
    const remove = (as: string) => api.remove(`/v1/auth/passkeys/${id}`, { token: as });
    expect([(await rename(stranger)).status, (await remove(stranger)).status]).toEqual([404, 404]);
    expect([(await rename(token)).status, (await list(token))[0].name]).toEqual([204, 'Phone']);
    const { body: owner } = await api.get('/v1/me', { token });
    const renamed = (await api.get(`/v1/audit?action=rename&target=people/${owner.id}`)).body.items[0];
    expect(renamed.diff.changes).toEqual([{ path: '/name', operation: 'replace', before: 'Laptop', after: 'Phone' }]);
    const options = await challenge();
    expect([(await remove(token)).status, (await remove(token)).status, await list(token)]).toEqual([204, 404, []]);
    expect((await signIn(device.get(options))).body.code).toBe('sign-in-failed');
    expect((await box.to('owner@example.com')).at(-1)).toMatchObject({
      template: 'passkey-removed',
      values: { name: 'Phone' },
    });
  });

  test('needs a proof; a signature with another one is such a proof, once, in one session', async () => {
    const { token, device } = await keeper('prover@example.com');
    const ask = (proof: object, as = token) => api.post('/v1/auth/passkeys/options', proof, { token: as });
    expect((await ask({})).body.code).toBe('proof-required');
    expect((await ask({ password: 'wrong password' })).body.code).toBe('wrong-credentials');
    expect((await ask({ password: PASSWORD, code: `gh_code_${'x'.repeat(43)}` })).status).toBe(422);
    const other = (await signIn(device.get(await challenge()))).body.token;
    const passkey = device.get(await proofOptions(token));
    expect((await ask({ passkey }, other)).body.code).toBe('invalid-passkey');
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => ask({ passkey })));
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await ask({ passkey: device.get(await challenge()) })).body.code).toBe('invalid-passkey');
    const eve = await keeper('eve@example.com');
    const theirs = await proofOptions(token);
    expect((await ask({ passkey: eve.device.get({ ...theirs, allowCredentials: [] }) })).body.code).toBe(
      'invalid-passkey',
    );
    const none = await api.post('/v1/auth/proof/passkey', undefined, {
      token: await person(api, box, 'none@example.com'),
    });
    expect(none.status).toBe(404);
  });

  test('is added once per challenge, by the session that requested it', async () => {
    const email = 'racer@example.com';
    const token = await person(api, box, email);
    const device = new Authenticator(PAGES);
    const options = await begin(token);
    const other = (await api.post('/v1/auth/sign-in', { email, password: PASSWORD, credential: 'bearer' }, anonymous))
      .body.token;
    expect((await add(other, device.create(options))).body.code).toBe('invalid-passkey');
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => add(token, device.create(options))));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual([201, 422, 422, 422, 422, 422]);
    expect(await list(token)).toHaveLength(1);
    const next = await begin(token);
    expect(next.excludeCredentials).toHaveLength(1);
  });

  test('is one of at most 20; no authenticator is asked for a further one', async () => {
    const { token, device } = await keeper('collector@example.com');
    const ask = async () =>
      api.post('/v1/auth/passkeys/options', { passkey: device.get(await proofOptions(token)) }, { token });
    const made = (options: Parameters<Authenticator['create']>[0]) => new Authenticator(PAGES).create(options);
    const begun = await Promise.all(Array.from({ length: 20 }, ask));
    const added = await Promise.all(begun.map(({ body }) => add(token, made(body))));
    const statuses = added.map(({ status, body }) => (status === 201 ? 'added' : body.code)).toSorted();
    expect(statuses).toEqual([...Array.from({ length: 19 }, () => 'added'), 'too-many']);
    const { status, body } = await ask();
    expect([status, body.code, body.detail]).toEqual([409, 'too-many', expect.stringContaining('remove one first')]);
    expect(await list(token)).toHaveLength(20);
  });

  test('is not added with an answer that is not valid', async () => {
    const token = await person(api, box, 'forger@example.com');
    const device = new Authenticator(PAGES);
    const { present, verified, synced } = FLAGS;
    const certified = await withCertificate();
    const forgeries = {
      'another origin': { origin: 'https://evil.gatehouse.example.com' },
      'another site': { site: 'example.com' },
      'a challenge of its own': { challenge: 'A'.repeat(43) },
      'a signature': { type: 'webauthn.get' },
      'a page inside another': { crossOrigin: true },
      'nobody present': { flags: verified },
      'nobody verified': { flags: present },
      'synced but not syncable': { flags: present | verified | synced },
      'another algorithm': { algorithm: -35 as const },
      'a certificate': { attestation: certified },
      'an unknown attestation': { attestation: () => ({ fmt: 'tpm', attStmt: new Map() }) },
    };
    for (const [what, forged] of Object.entries(forgeries)) {
      const { status, body } = await add(token, device.create(await begin(token), forged));
      expect([what, status, body.code]).toEqual([what, 422, 'invalid-passkey']);
    }
    const garbage = device.create(await begin(token));
    garbage.response.attestationObject = 'AAAA';
    expect((await add(token, garbage)).body.code).toBe('invalid-passkey');
    garbage.response.attestationObject = '%';
    expect((await add(token, garbage)).body.violations).toMatchObject([
      { pointer: '/passkey/response/attestationObject' },
    ]);
    expect(await list(token)).toEqual([]);
  });

  test('signs nobody in with an answer that is not valid, always with the same words', async () => {
    const { token, device } = await keeper('victim@example.com');
    const { present, verified, syncable } = FLAGS;
    const unknown = new Authenticator(PAGES);
    unknown.create(await begin(token));
    const forgeries = {
      'another origin': { origin: 'https://evil.gatehouse.example.com' },
      'another site': { site: 'example.com' },
      'a challenge of its own': { challenge: 'A'.repeat(43) },
      'a registration': { type: 'webauthn.create' },
      'a page inside another': { crossOrigin: true },
      'nobody verified': { flags: present },
      'now syncable': { flags: present | verified | syncable },
      'another person': { user: 'bm9ib2R5' },
      'no person': { user: null },
    };
    const tampered = device.get(await challenge());
    tampered.response.signature = device.get(await challenge()).response.signature;
    const answers: Record<string, object> = {
      'an unknown passkey': unknown.get(await challenge()),
      'the challenge of a proof': device.get(await proofOptions(token)),
      'another signature': tampered,
    };
    for (const [what, forged] of Object.entries(forgeries)) answers[what] = device.get(await challenge(), forged);
    const details = new Set<string>();
    for (const [what, answer] of Object.entries(answers)) {
      const { status, body } = await signIn(answer);
      expect([what, status, body.code]).toEqual([what, 401, 'sign-in-failed']);
      details.add(body.detail);
      // A success clears the failed attempts, so that none is delayed.
      expect((await signIn(device.get(await challenge()))).status).toBe(200);
    }
    expect(details.size).toBe(1);
  });

  test('signs in once per challenge', async () => {
    const { device } = await keeper('once@example.com');
    const answer = device.get(await challenge());
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => signIn(answer)));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
    expect((await signIn(answer)).status).toBe(401);
  });

  test('whose authenticator counts less than before is rejected, and its person is informed once', async () => {
    const email = 'copied@example.com';
    const { device, token } = await keeper(email, { counter: 7 });
    const old = device.get(await challenge());
    expect((await signIn(old)).status).toBe(200);
    expect((await signIn(device.get(await challenge()))).status).toBe(200);
    const warnings = async () => {
      const queued: { template: string }[] = (await api.get('/v1/mail?limit=500')).body.items;
      return queued.filter(({ template }) => template === 'passkey-copied').length;
    };
    // Somebody who sends an old signature again has no copy.
    expect([(await signIn(old)).status, await warnings()]).toEqual([401, 0]);
    const signed = device.counter!;
    for (const counter of [signed - 1, signed - 2, -1]) {
      device.counter = counter;
      expect((await signIn(device.get(await challenge()))).status).toBe(401);
    }
    expect(await warnings()).toBe(1);
    device.counter = signed;
    expect(
      (await api.post('/v1/auth/deletion', { passkey: device.get(await proofOptions(token)) }, { token })).status,
    ).toBe(204);
  });

  test('that is synced later shows it', async () => {
    const token = await person(api, box, 'synced@example.com');
    const device = new Authenticator(PAGES);
    device.flags |= FLAGS.syncable;
    await add(token, device.create(await begin(token)));
    expect(await list(token)).toMatchObject([{ syncable: true, synced: false }]);
    device.flags |= FLAGS.synced;
    expect((await signIn(device.get(await challenge()))).status).toBe(200);
    expect(await list(token)).toMatchObject([{ syncable: true, synced: true }]);
  });

  test('that fails is delayed, as a password is', async () => {
    const { device } = await keeper('slow@example.com');
    const forged = device.get(await challenge(), { type: 'webauthn.create' });
    const answers = await Promise.all(Array.from({ length: 16 }, () => signIn(forged)));
    const late = answers.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(8);
    for (const { headers } of late) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('no secret, address or answer was logged', () => {
    const logged = api.logged().join('\n');
    for (const secret of [PASSWORD, 'gh_code_', 'gh_session_', '@example.com', 'webauthn.'])
      expect(logged).not.toContain(secret);
  });
});

test('without a host name in its public URL, the API has no passkeys', () => {
  const settings = (publicUrl: string) => ({ publicUrl, corsOrigins: ['*', DASHBOARD] });
  for (const publicUrl of ['http://127.0.0.1:8480', 'http://[::1]:8480'])
    expect(() => relyingParty(settings(publicUrl))).toThrow('GATEHOUSE_PUBLIC_URL');
  expect(relyingParty(settings('http://localhost:8480'))).toEqual({
    id: 'localhost',
    origins: ['http://localhost:8480', DASHBOARD],
  });
});
