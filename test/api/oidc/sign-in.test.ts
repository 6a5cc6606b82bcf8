import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { browser } from '../pages/browser.ts';
import { type Mailbox, mailbox, PASSWORD, person } from '../people/mailbox.ts';
import { CLIENT, company, signingKey } from './company.ts';

const PUBLIC = 'https://gatehouse.example.com';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const anonymous = { token: null };

const settings = (issuer: string) => ({
  GATEHOUSE_PUBLIC_URL: PUBLIC,
  GATEHOUSE_OIDC_ISSUER: issuer,
  GATEHOUSE_OIDC_CLIENT_ID: CLIENT.client_id,
  GATEHOUSE_OIDC_CLIENT_SECRET: CLIENT.client_secret,
  GATEHOUSE_OIDC_DOMAINS: 'example.com, Example.ORG',
});

describe.each([{ inToken: false }, { inToken: true }])('with a company’s account, $inToken', ({ inToken }) => {
  let idp: Awaited<ReturnType<typeof company>>;
  let api: Harness;
  let box: Mailbox;
  beforeAll(async () => {
    idp = await company(`${PUBLIC}/v1/auth/oidc/callback`, { inToken });
    api = await harness(settings(idp.issuer));
    box = mailbox(api);
  });
  afterAll(async () => {
    await api.close();
    idp.close();
  });

  const start = async (query = '') => {
    const response = await fetch(`${api.url}/v1/auth/oidc${query}`, { redirect: 'manual' });
    expect(response.status).toBe(303);
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-gatehouse-oidc=\S+; Path=\/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/);
    return { url: response.headers.get('location')!, cookie: cookie.split(';')[0]! };
  };
  const finish = (at: string, cookie?: string) =>
    api.get(at.replace(PUBLIC, ''), { ...anonymous, ...(cookie && { headers: { cookie } }) });
  /** Signs in as a browser does. */
  const signIn = async (query = '') => {
    const { url, cookie } = await start(query);
    return finish(await idp.visit(url), cookie);
  };
  const personOf = async (answer: Awaited<ReturnType<typeof signIn>>) => {
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(
      /^__Host-gatehouse=gh_session_\S+; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict$/,
    );
    const { status, body } = await api.get('/v1/auth/session', {
      ...anonymous,
      headers: { cookie: cookie.split(';')[0]! },
    });
    expect(status).toBe(200);
    return body.person;
  };

  test('the page for the sign-in leads to the company, and the browser returns with the code of an invitation', async () => {
    const email = 'invited@example.com';
    const tenant = `kernel-${inToken}`;
    expect((await api.post('/v1/tenants', { name: tenant })).status).toBe(201);
    expect((await api.post(`/v1/tenants/${tenant}/invitations`, { email, role: 'viewer' })).status).toBe(201);
    const code = await box.codeFor(email);
    idp.signedIn('invited', { email, email_verified: true });
    const visitor = browser(api);
    const shown = (await visitor.send('/invitations', { code })).body;
    const form = /<form(?:(?!<form).)*name="company".*?<\/form>/s.exec(shown)![0];
    const fields = Object.fromEntries(
      [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    expect(fields).toEqual({ next: '/invitations', code, company: 'yes' });
    const leaving = await visitor.send('/sign-in', fields);
    const url = leaving.headers.get('refresh')!.replace('0;url=', '');
    expect([leaving.status, leaving.body]).toEqual([
      200,
      expect.stringContaining(`href="${url.replaceAll('&', '&amp;')}"`),
    ]);
    expect(leaving.headers.get('set-cookie')).toMatch(/; Max-Age=600; Secure; HttpOnly; SameSite=Lax$/);
    const back = await idp.visit(url);
    for (const text of [url, back, leaving.headers.get('set-cookie')]) expect(text).not.toContain(code);
    // Another browser, which began a sign-in of its own, gets neither the session nor the code.
    const other = await finish(back, (await start()).cookie);
    expect([other.status, JSON.stringify(other.body)]).toEqual([401, expect.not.stringContaining(code)]);
    const returned = await finish(await idp.visit(url), visitor.cookie);
    expect(returned.body).toContain(`content="0;url=/invitations#code=${code}"`);
    const [session = '', ...others] = returned.headers.getSetCookie();
    const cookie = session.split(';')[0]!;
    // The browser keeps the code no longer.
    expect(others.at(-1)).toBe('__Host-gatehouse-oidc=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax');
    const accepted = await visitor.send('/invitations', { code }, { cookie });
    expect([accepted.status, accepted.body]).toEqual([200, expect.stringContaining(`<strong>${tenant}</strong>`)]);
    expect(api.logged().join()).not.toContain(code);
  });

  test.for(['//evil.test', '/\\evil.test', '/\tevil', 'https://evil.test'])(
    'a sign-in from the page returns to the account instead of %s',
    async (next) => {
      idp.signedIn('astray', { email: 'astray@example.com', email_verified: true });
      const visitor = browser(api);
      const { headers } = await visitor.send('/sign-in', { next, code: 'gh_code_"><b>', company: 'yes' });
      const returned = await finish(await idp.visit(headers.get('refresh')!.replace('0;url=', '')), visitor.cookie);
      expect(returned.body).toContain('content="0;url=/account"');
    },
  );

  test('a new person gets an account, and is the same person at the next sign-in, also with another address', async () => {
    idp.signedIn('1', { email: 'Ada@Example.com', email_verified: true, name: 'Ada\u0007 L.' });
    const answer = await signIn('?returnTo=/tenants/acme%3Fa%3D1%26b%3D%22');
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('content="0;url=/tenants/acme?a=1&amp;b=&quot;"');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const ada = await personOf(answer);
    expect(ada).toMatchObject({ email: 'ada@example.com', name: 'Ada L.' });
    idp.signedIn('1', { email: 'ada@example.org', email_verified: true });
    expect(await personOf(await signIn())).toEqual(ada);
    idp.signedIn('2', { email: 'ada@example.org', email_verified: true });
    expect((await personOf(await signIn())).id).not.toBe(ada.id);
    // The company gives Ada's former address to somebody else.
    idp.signedIn('3', { email: 'ada@example.com', email_verified: true });
    const other = await signIn();
    expect([other.status, other.body.code, other.headers.getSetCookie()]).toEqual([403, 'forbidden', []]);
    expect(api.said().join()).not.toContain(CLIENT.client_secret);
    expect(api.logged().join()).not.toMatch(/code=|state=/);
  });

  test('a person who has a password with the same address is the same person, without the earlier sessions', async () => {
    const token = await person(api, box, 'bob@example.com');
    const { body } = await api.get('/v1/auth/session', { token });
    idp.signedIn('bob', { email: 'bob@example.com', email_verified: true, name: 'Robert' });
    expect(await personOf(await signIn())).toEqual(body.person);
    expect((await api.get('/v1/auth/session', { token })).status).toBe(401);
    expect((await box.to('bob@example.com')).at(-1)).toMatchObject({ template: 'company-linked' });
    // Only the first sign-in does this.
    const [cookie = ''] = (await signIn()).headers.getSetCookie();
    await signIn();
    const kept = await api.get('/v1/auth/session', { ...anonymous, headers: { cookie: cookie.split(';')[0]! } });
    expect(kept.status).toBe(200);
    const again = await api.post('/v1/auth/sign-in', { email: 'bob@example.com', password: PASSWORD }, anonymous);
    expect(again.body.person.id).toBe(body.person.id);
  });

  test('right after it, the person gets a password without another proof', async () => {
    idp.signedIn('grace', { email: 'grace@example.com', email_verified: true });
    const cookie = (await signIn()).headers.getSetCookie()[0]!.split(';')[0]!;
    const options = { ...anonymous, headers: { cookie, origin: PUBLIC } };
    expect((await api.get('/v1/auth/session', options)).body.session.method).toBe('company');
    expect((await api.post('/v1/auth/password', { password: PASSWORD }, options)).status).toBe(204);
    const again = await api.post('/v1/auth/sign-in', { email: 'grace@example.com', password: PASSWORD }, anonymous);
    expect(again.status).toBe(200);
  });

  test.for([
    ['of another domain', { email: 'eve@example.net', email_verified: true }],
    ['of a domain below', { email: 'eve@a.example.com', email_verified: true }],
    ['with a second one', { email: 'eve@example.net,ada@example.com', email_verified: true }],
    ['that is not verified', { email: 'ada@example.com', email_verified: false }],
    ['that may be verified', { email: 'ada@example.com' }],
    ['that is missing', {}],
  ] as const)('an address %s is refused, and nobody is created', async ([why, claims]) => {
    idp.signedIn(`refused ${why}`, claims);
    const { status, body, headers } = await signIn();
    expect([status, body.code, headers.getSetCookie()]).toEqual([403, 'forbidden', []]);
  });

  test('an answer counts once, and only in the browser that asked', async () => {
    idp.signedIn('once', { email: 'once@example.com', email_verified: true });
    const [mine, other] = [await start(), await start()];
    const back = await idp.visit(mine.url);
    const refused = async (at: string, cookie?: string) => {
      const { status, body, headers } = await finish(at, cookie);
      expect([status, body.code, headers.getSetCookie()], at).toEqual([401, 'sign-in-failed', []]);
    };
    await refused(back);
    await refused(back, other.cookie);
    await refused(back, `${mine.cookie.slice(0, -4)}AAA=`);
    const code = new URL(back).searchParams.get('code')!;
    await refused(back.replace(code, `${code}x`), mine.cookie);
    await refused(back.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.test'), mine.cookie);
    await refused(
      `${PUBLIC}/v1/auth/oidc/callback?error=access_denied&state=${new URL(back).searchParams.get('state')}`,
      mine.cookie,
    );
    // The provider gives the code away only once, and it has not been used with the right verifier yet.
    const next = await start();
    const again = await idp.visit(next.url);
    expect((await finish(again, next.cookie)).status).toBe(200);
    await refused(again, next.cookie);
  });

  test.for([
    ['another domain', 'eve@example.net', 403, 'sign in with another account, or ask the operators'],
    ['no attempt', undefined, 401, 'start again'],
  ] as const)('a browser gets the reason as a page: %s', async ([, email, status, reason]) => {
    if (email) idp.signedIn('page', { email, email_verified: true });
    const { url, cookie } = await start();
    const back = (await idp.visit(url)).replace(PUBLIC, '');
    for (const [accept, type] of [
      [BROWSER, 'text/html; charset=utf-8'],
      ['application/json', 'application/problem+json'],
    ] as const) {
      const answer = await fetch(`${api.url}${back}`, { headers: { accept, ...(email && { cookie }) } });
      const text = await answer.text();
      expect([answer.status, answer.headers.get('content-type'), answer.headers.getSetCookie()]).toEqual(
        // The first request used up the code of the provider.
        [email && accept !== BROWSER ? 401 : status, type, []],
      );
      expect(answer.headers.get('vary')).toContain('accept');
      if (accept !== BROWSER) continue;
      expect(text).toContain(reason);
      expect(text).toContain('<a href="/sign-in">');
      expect(text).not.toContain(new URL(back, PUBLIC).searchParams.get('code'));
    }
    const odd = await fetch(`${api.url}/v1/auth/oidc?returnTo=//evil.test`, { headers: { accept: BROWSER } });
    expect([odd.status, await odd.text()]).toEqual([422, expect.stringMatching(/<p>ReturnTo [^<]+\.<\/p>/)]);
  });

  test('an ID token that another key signed, or that is of the future, signs nobody in', async () => {
    idp.signedIn('signed', { email: 'signed@example.com', email_verified: true });
    // The provider's own key signs the last one, so the test signs correctly.
    for (const [how, status] of [
      [{ key: signingKey() }, 401],
      [{ claims: { iat: 4_102_444_800 } }, 401],
      [{ claims: { iat: Math.floor(Date.now() / 1000) } }, 200],
    ] as const) {
      idp.tampers(how);
      const answer = await signIn();
      expect([answer.status, answer.headers.getSetCookie().length > 0], JSON.stringify(how)).toEqual([
        status,
        status === 200,
      ]);
    }
  });

  test.for(['//evil.test', '/\\evil.test', 'https://evil.test', 'javascript:alert(1)', '/a\r\nb'])(
    'no page of another origin follows: %s',
    async (path) => {
      const { status, body } = await api.get(`/v1/auth/oidc?returnTo=${encodeURIComponent(path)}`, anonymous);
      expect([status, body.code]).toEqual([422, 'invalid-request']);
    },
  );

  test('of many sign-ins of a new person at once, all succeed as one person', async () => {
    idp.signedIn('many', { email: 'many@example.com', email_verified: true });
    const attempts = await Promise.all(Array.from({ length: 8 }, () => start()));
    const backs = await Promise.all(attempts.map(({ url }) => idp.visit(url)));
    const answers = await Promise.all(backs.map((back, n) => finish(back, attempts[n]!.cookie)));
    expect(answers.map(({ status }) => status)).toEqual(attempts.map(() => 200));
    const ids = new Set((await Promise.all(answers.map(personOf))).map(({ id }) => id));
    expect(ids.size).toBe(1);
  });
});

test.skipIf(elsewhere)(
  'without a provider there is no such sign-in, and one that does not answer is unavailable',
  async () => {
    const none = await harness();
    expect((await none.get('/v1/auth/oidc', anonymous)).status).toBe(404);
    expect((await none.get('/v1/auth/oidc/callback?code=a', anonymous)).status).toBe(404);
    await none.close();
    let asked = 0;
    const broken = createServer((_, response) => {
      asked += 1;
      response.writeHead(500).end();
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const { port } = broken.address() as AddressInfo;
    const gone = await harness(settings(`http://127.0.0.1:${port}`));
    // A provider that does not answer is not asked at every request.
    for (let request = 0; request < 3; request++) {
      const { status, body } = await gone.get('/v1/auth/oidc', anonymous);
      expect([status, body.code]).toEqual([503, 'unavailable']);
    }
    expect(asked).toBe(1);
    await gone.close();
    broken.close();
  },
);

test.skipIf(elsewhere)('an incomplete configuration is refused', async () => {
  await expect(harness({ GATEHOUSE_OIDC_ISSUER: 'https://idp.test' })).rejects.toThrow('must be set together');
  await expect(harness({ GATEHOUSE_OIDC_ISSUER: 'http://idp.test' })).rejects.toThrow('must be the https:// URL');
});
