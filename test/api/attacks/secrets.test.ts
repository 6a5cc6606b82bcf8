/**
 * A tour through an API process that logs all it can. Every secret that the tour sends or gets is then searched, in all
 * usual codings, in everything that the process wrote and answered: only the answer that hands it out has it.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Process, until } from '../../e2e/process.ts';
import { newDatabase } from '../../keeping/database.ts';
import { issue } from '../certificates/authority.ts';
import { elsewhere } from '../engine.ts';
import { enrolRequest, renewRequest } from '../fleets/enrolled.ts';
import { SHARED_FLEET } from '../harness.ts';
import { mailServer } from '../mail/receivers.ts';
import { CLIENT, company } from '../oidc/company.ts';

const PUBLIC = 'https://gatehouse.example.com';
const random = () => randomBytes(24).toString('base64url');

/** Secrets by what they are. */
const secrets = new Map<string, string>();
const secret = (name: string, value: string = random()): string => {
  expect(value.length, name).toBeGreaterThan(15);
  secrets.set(name, value);
  return value;
};
/** Everything that was answered, with the secrets that this answer hands out. */
const answered: { what: string; text: string; gives: string[] }[] = [];

interface Sent {
  as?: string | undefined;
  headers?: Record<string, string>;
  raw?: string;
  /** The secrets that the answer hands out, and how to find them in it. */
  gives?: Record<string, (answer: Answer) => string | undefined>;
}
interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what is looked at is asserted
  body: any;
}

describe.skipIf(elsewhere)('secrets', () => {
  let api: Process;
  let url: string;
  let store: string;
  let mails: Awaited<ReturnType<typeof mailServer>>;
  let idp: Awaited<ReturnType<typeof company>>;

  async function call(method: string, path: string, body?: unknown, sent: Sent = {}): Promise<Answer> {
    const { as, headers, raw, gives = {} } = sent;
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(as !== undefined && { authorization: `Bearer ${secrets.get(as)}` }),
        ...(payload !== undefined && { 'content-type': type }),
        ...headers,
      },
      ...(payload !== undefined && { body: payload }),
    });
    const text = await response.text();
    const isJson = /[/+]json$/.test(response.headers.get('content-type') ?? '');
    const answer = { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    for (const [name, of] of Object.entries(gives)) {
      const value = of(answer);
      expect(value, `${method} ${path} ${text}`).toBeDefined();
      if (!secrets.has(name)) secret(name, value);
    }
    answered.push({
      what: `${method} ${path.replaceAll(/[\w-]{30,}/g, '…')} ${response.status}`,
      text: JSON.stringify([...response.headers]) + text,
      gives: Object.keys(gives),
    });
    return answer;
  }
  const token = ({ body }: Answer) => body.token;
  const made = (name: string, of: (answer: Answer) => string | undefined = token) => ({ gives: { [name]: of } });

  /** Reads the code in the last mail to an address. */
  async function codeFor(email: string, name: string, before = 0): Promise<string> {
    const mail = await until(`a mail to ${email}`, () => mails.received.filter(({ to }) => to[0] === email)[before]);
    const code = /(gh_\w+_[\w-]{43})\s*$/m.exec(mail.data.replaceAll('=\r\n', '').replaceAll('=3D', '='))?.[1];
    return secret(name, code);
  }
  const count = (email: string) => mails.received.filter(({ to }) => to[0] === email).length;

  beforeAll(async () => {
    const password = secret('the password of the mail server');
    mails = await mailServer({
      onAuth: (auth, _, done) => (auth.password === password ? done(null, { user: 'a' }) : done(new Error('no'))),
    });
    idp = await company(`${PUBLIC}/v1/auth/oidc/callback`);
    secret('the secret of the OIDC client', CLIENT.client_secret);
    store = await newDatabase();
    api = new Process('api/main.node.ts', {
      GATEHOUSE_STORE: store,
      GATEHOUSE_LISTEN: '127.0.0.1:0',
      GATEHOUSE_LOG_LEVEL: 'trace',
      GATEHOUSE_OPERATOR_TOKEN: secret('the operator', `gh_operator_${random()}`),
      GATEHOUSE_SEALING_KEYS: `test:${secret('the sealing key', randomBytes(32).toString('base64'))}`,
      GATEHOUSE_PUBLIC_URL: PUBLIC,
      GATEHOUSE_PLATFORM_DOMAIN: 'apps.example',
      GATEHOUSE_MAIL: `smtp://user:${password}@127.0.0.1:${mails.port}?tls=optional`,
      GATEHOUSE_MAIL_INTERVAL: '50',
      GATEHOUSE_MAIL_LIMIT: '100',
      GATEHOUSE_OIDC_ISSUER: idp.issuer,
      GATEHOUSE_OIDC_CLIENT_ID: CLIENT.client_id,
      GATEHOUSE_OIDC_CLIENT_SECRET: CLIENT.client_secret,
      GATEHOUSE_OIDC_DOMAINS: 'company.example',
      GATEHOUSE_ACME_DIRECTORY: 'https://127.0.0.1:1/directory',
      GATEHOUSE_ACME_EAB: `id:${secret('the key of the ACME account')}`,
      GATEHOUSE_ACME_DNS_WEBHOOK: 'http://127.0.0.1:1/hook',
      GATEHOUSE_ACME_DNS_SECRET: `whsec_${secret('the secret of the DNS webhook', randomBytes(32).toString('base64'))}`,
      GATEHOUSE_ACME_INTERVAL: '50',
    });
    api.start();
    const listening = () => /"url":"([^"]+)","msg":"listening"/.exec(api.output)?.[1];
    url = await until('the API to listen', listening);
    await tour();
  });
  afterAll(async () => {
    await api?.stop();
    await mails?.close();
    idp?.close();
  });

  async function tour() {
    const operator = { as: 'the operator' };
    await call('POST', '/v1/fleets', SHARED_FLEET, operator);
    await call('POST', '/v1/tenants', { name: 'acme' }, operator);
    await call('POST', '/v1/tokens', { description: 'night shift' }, { ...operator, ...made('another operator') });
    for (const scopes of [['read'], ['admin']])
      await call('POST', '/v1/tenants/acme/tokens', { scopes }, { ...operator, ...made(`the tenant's ${scopes}`) });
    // The answer to a repeated request hands the same secret out again.
    const repeated = { ...operator, headers: { 'idempotency-key': 'once' }, ...made('a repeated token') };
    for (let times = 0; times < 2; times++)
      await call('POST', '/v1/tenants/acme/tokens', { scopes: ['write'] }, repeated);
    await call('POST', '/v1/fleets/public/tokens', {}, { ...operator, ...made('an agent') });

    // An agent enrols and renews its credential, and reads its feed.
    await call('POST', '/v1/fleets/public/enrolments', {}, { ...operator, ...made('an enrolment') });
    const pair = generateKeyPairSync('ed25519');
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
    const keys = { publicKey, privateKey: pair.privateKey };
    const { body: disk } = await call('POST', '/v1/agents', enrolRequest(secrets.get('an enrolment')!, keys));
    const credential = ({ body }: Answer) => body.credential;
    const renewal = renewRequest({ ...disk, privateKey: pair.privateKey });
    await call('POST', `/v1/agents/${disk.id}/renewals`, renewal, made('a credential', credential));

    // A person signs up, forgets the password, changes the address, and is invited.
    const [email, other, invitee] = ['ada@example.com', 'ada@example.org', 'bob@example.com'];
    const password = secret('a password');
    await call('POST', '/v1/auth/sign-up', { email, password });
    const code = await codeFor(email, 'the code of a sign-up');
    await call('POST', '/v1/auth/verify', { code, password: 'a wrong password' });
    await call('POST', '/v1/auth/verify', { code, password, credential: 'bearer' }, made('a session'));
    await call('POST', '/v1/auth/verify', { code, password });
    const cookie = ({ headers }: Answer) => /gh_session_[\w-]+/.exec(headers.getSetCookie().join())?.[0];
    const signIn = { email, password, credential: 'cookie' };
    await call('POST', '/v1/auth/sign-in', signIn, made('a session in a cookie', cookie));
    await call('POST', '/v1/auth/sign-in', { email, password: secret('a wrong password') });
    await call('POST', '/v1/auth/sign-in', { email: password, password: email });
    const before = count(email);
    await call('POST', '/v1/auth/password/forgotten', { email });
    const reset = {
      code: await codeFor(email, 'the code of a new password', before),
      password: secret('a second password'),
    };
    await call('POST', '/v1/auth/password/reset', { ...reset, password: 'password' });
    await call('POST', '/v1/auth/password/reset', reset);
    const again = { email, password: reset.password, credential: 'bearer' };
    await call('POST', '/v1/auth/sign-in', again, made('a second session'));
    const as = 'a second session';
    const change = { current: reset.password, password: secret('a third password') };
    await call('POST', '/v1/auth/password', { ...change, current: 'a wrong password' }, { as });
    await call('POST', '/v1/auth/password', change, { as });
    await call('POST', '/v1/auth/email', { email: other, password: change.password }, { as });
    const confirmation = { code: await codeFor(other, 'the code of another address') };
    await call('POST', '/v1/auth/email/confirm', confirmation);
    await call('POST', '/v1/auth/email/confirm', confirmation);
    await call('POST', '/v1/tenants', { name: 'adas' }, { as });
    await call('POST', '/v1/tenants/adas/invitations', { email: invitee, role: 'viewer' }, { as });
    const invitation = { code: await codeFor(invitee, 'the code of an invitation') };
    await call('POST', '/v1/invitations/accept', invitation, { as });
    await call('POST', '/v1/tenants/adas/tokens', { scopes: ['read'] }, { as, ...made('a token of a person') });

    // A command signs in, with the approval of the person.
    const form = (fields: object) => ({
      raw: new URLSearchParams({ client_id: 'gatehouse', ...fields }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const codes = await call('POST', '/v1/auth/device', undefined, {
      ...form({ device_name: 'laptop' }),
      ...made('the code of a device', ({ body }) => body.device_code),
    });
    const decision = { userCode: codes.body.user_code, decision: 'approve' };
    await call('POST', '/v1/auth/device/lookup', { userCode: decision.userCode }, { as });
    await call('POST', '/v1/auth/device/decision', decision, { as });
    const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: codes.body.device_code };
    const issued = made('a session of a device', ({ body }) => body.access_token);
    await call('POST', '/v1/auth/device/token', undefined, { ...form(grant), ...issued });
    await call('POST', '/v1/auth/device/token', undefined, form(grant));

    // With a company's account.
    const start = await call('GET', '/v1/auth/oidc?returnTo=/tenants', undefined, {
      gives: {
        'the attempt of a browser': ({ headers }) => /oidc=([^;]+)/.exec(headers.getSetCookie().join())?.[1],
        'the state of a sign-in': ({ headers }) => /state=([\w-]+)/.exec(headers.get('location')!)?.[1],
        'the nonce of a sign-in': ({ headers }) => /nonce=([\w-]+)/.exec(headers.get('location')!)?.[1],
      },
    });
    idp.signedIn('1', { email: 'eve@company.example', email_verified: true });
    const back = (await idp.visit(start.headers.get('location')!)).replace(PUBLIC, '');
    secret('the code of the provider', /code=([^&]+)/.exec(back)?.[1]);
    const browser = { cookie: `__Host-gatehouse-oidc=${secrets.get('the attempt of a browser')}` };
    await call('GET', `${back}x`, undefined, { headers: browser });
    await call('GET', back, undefined, { headers: browser, ...made('a session of the company', cookie) });
    await call('GET', back, undefined, { headers: browser });
    await call('GET', back);

    // Certificates, uploaded and automatic.
    const { certificateChain, privateKey } = await issue(['www.acme.example']);
    secret('a private key', privateKey.split('\n')[1]);
    const tenant = { as: "the tenant's admin" };
    await call('PUT', '/v1/tenants/acme/certificates/web', { certificateChain, privateKey }, tenant);
    await call('PUT', '/v1/tenants/acme/certificates/web', { certificateChain: privateKey, privateKey }, tenant);
    await call('PUT', '/v1/tenants/acme/certificates/web', { certificateChain, privateKey: `${privateKey}x` }, tenant);
    await call('PUT', '/v1/tenants/acme/certificates/auto', { acme: {} }, tenant);
    const servers = ['auto', 'web'].map((credentialName) => ({
      port: { number: 443, name: credentialName, protocol: 'HTTPS' },
      hosts: [credentialName === 'web' ? 'www.acme.example' : 'acme.apps.example'],
      tls: { mode: 'SIMPLE', credentialName },
    }));
    const gateway = { selector: { ingress: 'public' }, servers };
    await call('PUT', '/v1/tenants/acme/gateways/web', gateway, tenant);
    const inFeed = ({ body }: Answer) =>
      JSON.stringify(body).includes(secrets.get('a private key')!) ? 'yes'.repeat(9) : undefined;
    await call('GET', '/v1/fleets/public/feed?after=0&wait=1', undefined, {
      as: 'a credential',
      gives: { 'a private key': inFeed },
    });
    await until('an attempt at the authority', () => api.output.includes('a certificate could not be obtained'));

    await mistakes();

    // What can be read by the most powerful caller, and by everybody.
    for (const path of [
      ...[
        '/v1/audit?limit=500',
        '/v1/audit/export',
        '/v1/tenants',
        '/v1/tokens',
        '/v1/staff',
        '/v1/mail',
        '/v1/fleets',
      ],
      ...[
        'tokens',
        'members',
        'invitations',
        'audit',
        'audit/export',
        'domains',
        'fleets',
        'usage',
        'revisions',
      ].flatMap((each) => [`/v1/tenants/acme/${each}`, `/v1/tenants/adas/${each}`]),
      ...['configuration', 'certificates', 'certificates/web', 'certificates/auto', 'certificates/auto/status'].map(
        (each) => `/v1/tenants/acme/${each}`,
      ),
      ...['/v1/fleets/public', '/v1/fleets/public/agents', '/v1/fleets/public/enrolments', '/v1/fleets/public/tokens'],
      ...['/v1/fleets/public/nodes', '/metrics', '/openapi.json', '/docs', '/readyz', '/v1/me'],
    ])
      await call('GET', path, undefined, operator);
    for (const path of ['/v1/auth/sessions', '/v1/auth/session', '/v1/me']) await call('GET', path, undefined, { as });
    await call('POST', '/v1/auth/deletion', { password: change.password }, { as });
  }

  /** A secret where it does not belong: in URLs, in headers, in bodies that are wrong. */
  async function mistakes() {
    for (const [name, value] of secrets) {
      const text = encodeURIComponent(value);
      const [path, as] = ['/v1/tenants/acme', "the tenant's admin"];
      for (const parameter of ['token', 'access_token', 'code', 'authorization', 'api_key', 'limit', 'cursor'])
        await call('GET', `${path}/tokens?${parameter}=${text}`);
      const found = await call('GET', `${path}?access_token=${text}`, undefined, { as });
      expect(found.status, `${name} in the query`).toBe(422);
      await call('POST', '/v1/auth/sign-in', undefined, { raw: `{"email":"a@example.com","password":"${value}` });
      await call('POST', '/v1/auth/sign-in', { email: value, password: [value], credential: value });
      await call('POST', '/v1/invitations/accept', { code: `${value}x` }, { as: 'a token of a person' });
      await call('POST', '/v1/auth/verify', { code: value, password: value });
      await call('POST', '/v1/agents', { ...enrolRequest('gh_enrolment_x'), token: value });
      for (const authorization of [
        `Basic ${btoa(`user:${value}`)}`,
        `Bearer ${value} ${value}`,
        `Bearer x${value}`,
        value,
      ])
        await call('GET', path, undefined, { headers: { authorization } });
      await call('GET', path, undefined, { headers: { cookie: `__Host-gatehouse=${value}`, 'x-api-key': value } });
      await call('GET', `${path}/routes/${text}/x`, undefined, { as, headers: { 'x-request-id': `a ${value}` } });
    }
  }

  /** A secret as it is, and as others might write it. */
  function codings(value: string): string[] {
    const bytes = Buffer.from(value);
    // In base64, a text has another form at each of three offsets.
    const inBase64 = (['base64', 'base64url'] as const).flatMap((coding) =>
      [0, 1, 2].map((offset) =>
        Buffer.concat([Buffer.alloc(offset), bytes])
          .toString(coding)
          .replaceAll('=', '')
          .slice(offset === 0 ? 0 : 4, -4),
      ),
    );
    return [
      ...new Set([
        value,
        encodeURIComponent(value),
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
        ...inBase64,
      ]),
    ];
  }
  const holding = (text: string, except: readonly string[] = []) =>
    [...secrets]
      .filter(([name, value]) => !except.includes(name) && codings(value).some((each) => text.includes(each)))
      .map(([name]) => name);

  test('were handed out', () => {
    expect(secrets.size).toBeGreaterThan(30);
    for (const { what, text, gives } of answered)
      expect(
        gives.filter((name) => !holding(text).includes(name)),
        what,
      ).toEqual([]);
  });

  test('are in no answer but the one that hands them out', () => {
    const found = answered.map(({ what, text, gives }) => [what, holding(text, gives)] as const);
    expect(found.filter(([, names]) => names.length > 0)).toEqual([]);
  });

  test('are in nothing that the process writes', async () => {
    expect(api.output).toContain('"level":20');
    const lines = api.output.split('\n').filter((line) => holding(line).length > 0);
    expect(lines).toEqual([]);
  });

  test('are not in the files of the database', () => {
    if (!store.startsWith('sqlite:')) return;
    const file = store.slice('sqlite:'.length);
    for (const name of readdirSync(dirname(file)).filter((each) => each.startsWith(basename(file))))
      expect(holding(readFileSync(join(dirname(file), name), 'latin1')), name).toEqual([]);
  });
});
