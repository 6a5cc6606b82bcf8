import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../api/access/authenticate.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness } from '../harness.ts';
import { type Mailbox, mailbox, PASSWORD, person } from './mailbox.ts';

const PAGES = 'https://gatehouse.example.com';
const DASHBOARD = 'https://dashboard.example.com';
const anonymous = { token: null };

describe('people', () => {
  let api: Harness;
  let box: Mailbox;
  beforeAll(async () => {
    api = await harness({ GATEHOUSE_PUBLIC_URL: PAGES, GATEHOUSE_CORS_ORIGINS: DASHBOARD });
    box = mailbox(api);
  });
  afterAll(() => api.close());

  const signUp = (email: string, password = PASSWORD) => api.post('/v1/auth/sign-up', { email, password }, anonymous);
  const signIn = (email: string, password = PASSWORD, more: object = { credential: 'bearer' }) =>
    api.post('/v1/auth/sign-in', { email, password, ...more }, anonymous);
  const verify = (code: string, password = PASSWORD) =>
    api.post('/v1/auth/verify', { code, password, credential: 'bearer' }, anonymous);
  const session = (headers: Record<string, string>) => api.get('/v1/auth/session', { token: null, headers });

  test('a person signs up, proves the address, and signs in', async () => {
    expect((await signUp('Ada@Example.com')).status).toBe(202);
    expect((await signIn('ada@example.com')).body).toMatchObject({ status: 401, code: 'wrong-credentials' });
    const [mail] = await box.to('ada@example.com');
    expect(mail).toMatchObject({
      template: 'verify-address',
      values: { link: expect.stringContaining(`${PAGES}/verify#`) },
    });
    const code = await box.codeFor('ada@example.com');
    const verified = await verify(code);
    expect(verified).toMatchObject({ status: 200, body: { person: { email: 'ada@example.com' } } });
    expect(await verify(code)).toMatchObject({ status: 422, body: { code: 'invalid-code' } });
    const signedIn = await signIn('ADA@example.com');
    expect(signedIn.status).toBe(200);
    expect(await session({ authorization: `Bearer ${signedIn.body.token}` })).toMatchObject({
      status: 200,
      body: { person: { id: verified.body.person.id }, session: { current: true } },
    });
    const [stored] = await api.store.personSessions.list(verified.body.person.id, Date.now());
    expect(JSON.stringify(stored)).not.toContain(signedIn.body.token);
  });

  test('the owner of an address with an account gets another mail; the answer is the same', async () => {
    await person(api, box, 'grace@example.com');
    const [known, unknown] = [await signUp('grace@example.com'), await signUp('nobody@example.com')];
    expect([known.status, known.body]).toEqual([202, { sentTo: 'grace@example.com' }]);
    expect([unknown.status, unknown.body]).toEqual([202, { sentTo: 'nobody@example.com' }]);
    expect((await box.to('grace@example.com')).at(-1)).toMatchObject({ template: 'address-in-use' });
  });

  test('somebody who signs up with the address of another gets no account that the other one proved', async () => {
    await signUp('victim@example.com', 'known to the attacker');
    const code = await box.codeFor('victim@example.com');
    expect((await verify(code, 'of the victim')).body.code).toBe('invalid-code');
    await signUp('victim@example.com', 'of the victim');
    expect((await verify(await box.codeFor('victim@example.com'), 'of the victim')).status).toBe(200);
    expect((await verify(code, 'known to the attacker')).body.code).toBe('invalid-code');
    expect((await signIn('victim@example.com', 'known to the attacker')).status).toBe(401);
  });

  test.each([
    ['short', 'must have 8 to 128 characters'],
    ['x'.repeat(129), 'must have 8 to 128 characters'],
    ['Password123', 'attackers try first'],
    ['linus@example.com', 'attackers try first'],
    ['abcabcabcabc', 'attackers try first'],
  ])('the password %s is rejected', async (password, message) => {
    const { status, body } = await signUp('linus@example.com', password);
    expect([status, body.violations]).toEqual([
      422,
      [expect.objectContaining({ pointer: '/password', message: expect.stringContaining(message) })],
    ]);
    expect(JSON.stringify(body)).not.toContain(password);
  });

  test.each([
    'no address',
    'a@example.com\r\nBcc: b@example.com',
    '"a b"@example.com',
    'a@example.com,b@x.com',
    `${'a'.repeat(250)}@example.com`,
  ])('the address %j is rejected', async (email) => {
    expect((await signUp(email)).body.violations).toMatchObject([{ pointer: '/email' }]);
  });

  test('failed attempts delay further ones, also for an address without an account', async () => {
    await person(api, box, 'slow@example.com');
    for (const email of ['slow@example.com', 'absent@example.com']) {
      const answers = await Promise.all(Array.from({ length: 24 }, () => signIn(email, 'wrong password')));
      const late = answers.filter(({ status }) => status === 429);
      expect(answers.filter(({ status }) => status === 401).length).toBeLessThan(9);
      expect(late.length).toBeGreaterThan(15);
      for (const { headers } of late) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  describe('a stranger with one IPv6 network', () => {
    /** An API behind a proxy, which reports a client in another /64 of one /48 for each number below 1024. */
    let proxied: Harness;
    let mails: Mailbox;
    beforeAll(async () => {
      const trusted = elsewhere ? '0.0.0.0/0, ::/0' : '127.0.0.0/8, ::1';
      proxied = await harness({ GATEHOUSE_PUBLIC_URL: PAGES, GATEHOUSE_TRUSTED_PROXIES: trusted });
      mails = mailbox(proxied);
    });
    afterAll(() => proxied.close());
    const stranger = (number: number) => `2001:db8:1:${(number * 64).toString(16)}::1`;
    const send = (path: string, body: object, client: string, token: string | null = null) =>
      proxied.post(path, body, { token, headers: { 'x-forwarded-for': client } });
    const statuses = async (path: string, body: object, count: number) => {
      const found: number[] = [];
      for (let number = 0; number < count; number++) found.push((await send(path, body, stranger(number))).status);
      return found;
    };

    test('keeps nobody out, and no mail away', async () => {
      const email = 'kept-in@example.com';
      await person(proxied, mails, email);
      const wrong = { email, password: 'wrong password' };
      expect((await statuses('/v1/auth/sign-in', wrong, 60)).filter((each) => each === 401).length).toBeLessThan(30);
      const right = { email, password: PASSWORD, credential: 'bearer' };
      expect((await send('/v1/auth/sign-in', right, '198.51.100.7')).status).toBe(200);
      // One of them may come at the moment at which a delay has ended.
      expect(await statuses('/v1/auth/password/forgotten', { email }, 60)).toContain(429);
      expect((await send('/v1/auth/password/forgotten', { email }, '198.51.100.7')).status).toBe(202);
    });
  });

  test('strangers do not delay changes of the account, and wrong passwords in a session delay them', async () => {
    const email = 'changes@example.com';
    const token = await person(api, box, email);
    const late = async () => (await signIn(email, 'wrong password')).status === 429;
    for (let tries = 0; tries < 30 && !(await late()); tries++);
    expect((await signIn(email)).status).toBe(429);
    const change = (password: string) =>
      api.post('/v1/auth/email', { email: 'changed@example.com', password }, { token });
    expect((await change(PASSWORD)).status).toBe(202);
    const answers = await Promise.all(Array.from({ length: 16 }, () => change('wrong password')));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThan(9);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  });

  test('a stranger who requests mails for an address delays only the own ones, and no mail is dropped', async () => {
    const bob = 'bob@example.com';
    const queued = async (template: string) => {
      const { items } = (await api.get('/v1/mail?limit=500')).body;
      return items.filter(
        (mail: { recipient: string; template: string }) => mail.recipient === bob && mail.template === template,
      ).length;
    };
    const invite = async (tenant: string, as = {}) => {
      const invitation = { email: bob, role: 'viewer' };
      const { status, headers } = await api.post(`/v1/tenants/${tenant}/invitations`, invitation, as);
      return [status, Number(headers.get('retry-after')) > 0];
    };
    for (const name of ['stranger', 'friend']) await api.post('/v1/tenants', { name });
    for (let sent = 1; sent <= 6; sent++) expect(await invite('stranger')).toEqual([201, false]);
    expect([await invite('stranger'), await invite('friend')]).toEqual([
      [429, true],
      [201, false],
    ]);
    expect(await queued('invitation')).toBe(7);
    // Several tenants of one person count together.
    const token = await person(api, box, 'owner@example.com');
    for (const name of ['first', 'second']) await api.post('/v1/tenants', { name }, { token });
    for (let sent = 1; sent <= 6; sent++) expect(await invite('first', { token })).toEqual([201, false]);
    expect(await invite('second', { token })).toEqual([429, true]);
    await person(api, box, bob);
    const forgotten = () => api.post('/v1/auth/password/forgotten', { email: bob }, anonymous);
    const outcomes: number[] = [];
    while (outcomes.at(-1) !== 429) outcomes.push((await forgotten()).status);
    // The sign-up was one of the mails, where it was a request.
    expect(outcomes.length).toBeGreaterThan(5);
    expect(await queued('reset-password')).toBe(outcomes.length - 1);
  });

  test('sessions are listed and ended, by their person only', async () => {
    const first = await person(api, box, 'many@example.com');
    const second = (await signIn('many@example.com')).body;
    const stranger = await person(api, box, 'stranger@example.com');
    const items = (await api.get('/v1/auth/sessions', { token: first })).body.items;
    expect(items.map(({ current }: { current: boolean }) => current)).toEqual([false, true]);
    expect((await api.remove(`/v1/auth/sessions/${second.session.id}`, { token: stranger })).status).toBe(404);
    expect((await api.remove(`/v1/auth/sessions/${second.session.id}`, { token: first })).status).toBe(204);
    expect((await api.get('/v1/auth/session', { token: second.token })).status).toBe(401);
    const third = (await signIn('many@example.com')).body.token;
    expect((await api.remove('/v1/auth/sessions', { token: first })).status).toBe(204);
    expect((await api.get('/v1/auth/session', { token: third })).status).toBe(401);
    expect((await api.get('/v1/auth/session', { token: first })).status).toBe(200);
    expect((await api.post('/v1/auth/sign-out', undefined, { token: first })).status).toBe(204);
    expect((await api.get('/v1/auth/session', { token: first })).status).toBe(401);
  });

  describe('a browser', () => {
    let cookie: string;
    beforeAll(async () => {
      await person(api, box, 'browser@example.com');
      const answer = await signIn('browser@example.com', PASSWORD, {});
      expect(answer.body).not.toHaveProperty('token');
      const set = answer.headers.getSetCookie();
      const strict = 'Secure; HttpOnly; SameSite=Strict$';
      expect(set).toEqual([
        expect.stringMatching(`^__Host-gatehouse=gh_session_[\\w-]{43}; Path=/; Max-Age=2592000; ${strict}`),
        expect.stringMatching(`^__Host-gatehouse-browser=gh_browser_[\\w-]{43}; Path=/; Max-Age=15552000; ${strict}`),
      ]);
      cookie = set[0]!.split(';')[0]!;
    });

    test.each([
      ['a page of the API', { origin: PAGES }, 204],
      ['a configured origin', { origin: DASHBOARD }, 204],
      ['another origin', { origin: 'https://evil.example.com' }, 403],
      ['a sandboxed page', { origin: 'null' }, 403],
      ['a request without Origin', {}, 403],
    ])('changes something from %s', async (_, headers, status) => {
      const answer = await api.remove('/v1/auth/sessions', { token: null, headers: { cookie, ...headers } });
      expect(answer.status).toBe(status);
    });

    test('changes nothing from a page that came without TLS', async () => {
      const headers = { cookie, origin: new URL(api.url).origin };
      expect((await api.remove('/v1/auth/sessions', { token: null, headers })).status).toBe(403);
    });

    test('reads with the cookie, but not for another site', async () => {
      expect((await session({ cookie })).status).toBe(200);
      expect((await session({ cookie, origin: DASHBOARD })).status).toBe(200);
      expect((await session({ cookie, origin: 'https://evil.example.com' })).status).toBe(401);
      expect((await session({ cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(401);
    });

    test('a page of a configured origin may send the cookie', async () => {
      const { headers } = await session({ cookie, origin: DASHBOARD });
      expect(headers.get('access-control-allow-credentials')).toBe('true');
    });

    test('signs out, and forgets the cookie', async () => {
      const out = await api.post('/v1/auth/sign-out', undefined, { token: null, headers: { cookie, origin: PAGES } });
      expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
      expect((await session({ cookie })).status).toBe(401);
    });
  });

  describe('while strangers guess the password of a person', () => {
    const NEW = 'another long password';
    /** Makes the next attempts late for an hour, as strangers in many networks can. */
    const guess = async (email: string) => {
      const key = await sha256(`email ${email}`);
      for (const later of [0, 3_600_000]) await api.store.signInAttempts.count([{ key, free: 0 }], Date.now() + later);
    };
    const signInWith = (email: string, cookies: string, password = PASSWORD) =>
      api.post('/v1/auth/sign-in', { email, password }, { token: null, headers: { cookie: cookies, origin: PAGES } });
    const cookiesOf = ({ headers }: { headers: Headers }) => headers.getSetCookie().map((each) => each.split(';')[0]!);
    /** Signs a person in, and returns the cookies of the session and of the browser. */
    const browserOf = async (email: string, password = PASSWORD) => {
      const [session = '', known = ''] = cookiesOf(await signInWith(email, '', password));
      const id = (await api.get('/v1/auth/session', { token: null, headers: { cookie: session } })).body.session.id;
      return { session, known, id };
    };
    const send = (method: string, path: string, cookie: string, body?: object) =>
      api.call(method, path, body, { token: null, headers: { cookie, origin: PAGES } });

    test('a browser in which the person has signed in before is not late, but its own guesses are', async () => {
      const email = 'known@example.com';
      await person(api, box, email);
      const { known, session: first } = await browserOf(email);
      expect((await send('POST', '/v1/auth/sign-out', first)).status).toBe(204);
      await guess(email);
      expect((await signIn(email)).status).toBe(429);
      const again = await signInWith(email, `other=1; ${known}`);
      expect(again.status).toBe(200);
      const renewed = cookiesOf(again)[1]!;
      // The former secret was replaced.
      expect([renewed, (await signInWith(email, known)).status]).toEqual([expect.not.stringMatching(known), 429]);
      const guesses = await Promise.all(Array.from({ length: 16 }, () => signInWith(email, renewed, 'wrong password')));
      expect(guesses.filter(({ status }) => status === 401).length).toBeLessThan(9);
      expect(guesses.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    });

    test('no other cookie helps, and none tells whether an account exists', async () => {
      const [victim, absent] = ['victim-of-guesses@example.com', 'no-account@example.com'];
      await person(api, box, victim);
      await person(api, box, 'thief@example.com');
      const { known } = await browserOf('thief@example.com');
      const [name] = known.split('=');
      await Promise.all([victim, absent].map(guess));
      const invented = `gh_browser_${'x'.repeat(43)}`;
      const cookies = ['', known, `${name}=${invented}`, `${name}=`, `${name}=${'x'.repeat(5000)}`, `${name}='`];
      for (const cookie of cookies)
        for (const email of [victim, absent]) {
          const { status, body, headers } = await signInWith(email, cookie);
          expect([cookie, status, body.code]).toEqual([cookie, 429, 'too-many-requests']);
          expect(headers.getSetCookie()).toEqual([]);
        }
      // A command and a program keep no cookie, so they make no browser known.
      expect((await signIn('thief@example.com')).headers.getSetCookie()).toEqual([]);
    });

    test('a browser is forgotten with its session, with all others, and with the password', async () => {
      const email = 'forgets@example.com';
      await person(api, box, email);
      const [mine, lost, old] = [await browserOf(email), await browserOf(email), await browserOf(email)];
      const works = async ({ known }: { known: string }, password = PASSWORD) => {
        await guess(email);
        return (await signInWith(email, known, password)).status === 200;
      };
      const change = (method: string, path: string, body?: object) => send(method, path, mine.session, body);
      expect((await change('DELETE', `/v1/auth/sessions/${lost.id}`)).status).toBe(204);
      expect(await works(lost)).toBe(false);
      expect((await change('DELETE', '/v1/auth/sessions')).status).toBe(204);
      expect([await works(old), (await change('GET', '/v1/auth/session')).status]).toEqual([false, 200]);
      await api.store.signInAttempts.undo([{ key: await sha256(`email ${email}`), free: 0 }]);
      const stolen = await browserOf(email);
      expect((await change('POST', '/v1/auth/password', { current: PASSWORD, password: NEW })).status).toBe(204);
      expect(await works(stolen, NEW)).toBe(false);
      // The browser that changed the password is still known.
      const renewed = cookiesOf(await signInWith(email, mine.known, NEW))[1]!;
      await api.post('/v1/auth/password/forgotten', { email }, anonymous);
      const reset = { code: await box.codeFor(email), password: PASSWORD };
      expect((await api.post('/v1/auth/password/reset', reset, anonymous)).status).toBe(204);
      expect([await works(mine), await works({ known: renewed })]).toEqual([false, false]);
    });
  });

  test('no secret of a person was logged, or is an answer to anyone else', () => {
    const logged = api.logged().join('\n');
    expect(logged).not.toContain(PASSWORD);
    expect(logged).not.toMatch(/gh_(session|browser|code)_|@example\.com/);
  });
});
