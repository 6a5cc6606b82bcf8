import { afterAll, beforeAll, expect, test } from 'vitest';
import { pages } from '../../../api/pages/index.ts';
import { asked, authorized } from '../device/command.ts';
import { elsewhere } from '../engine.ts';
import { type Harness, harness, OPERATOR, tokenFor } from '../harness.ts';
import { Authenticator } from '../passkeys/authenticator.ts';
import { type Mailbox, mailbox, PASSWORD, person } from '../people/mailbox.ts';
import { browser, PAGES } from './browser.ts';

let api: Harness;
let box: Mailbox;
/** A browser in which Grace is signed in. */
let grace: ReturnType<typeof browser>;
beforeAll(async () => {
  api = await harness({
    ...{ GATEHOUSE_PUBLIC_URL: PAGES, GATEHOUSE_PLATFORM_DOMAIN: 'apps.example', GATEHOUSE_PLATFORM_PORT: '8443' },
  });
  box = mailbox(api);
  await person(api, box, 'grace@example.com');
  grace = browser(api);
  await grace.send('/sign-in', { email: 'grace@example.com', password: PASSWORD });
  expect((await api.post('/v1/tenants', { name: 'acme' })).status).toBe(201);
});
afterAll(() => api.close());

/** The path of the link in the last mail to an address. Its host is `GATEHOUSE_PUBLIC_URL`. */
const linkFor = async (email: string) => {
  const url = new URL((await box.to(email)).at(-1)!.values.link!);
  expect(url.origin).toBe(PAGES);
  return url.pathname;
};

test.each(pages.map(({ path }) => path))(
  '%s opens from a mail, without scripts, frames and other servers',
  async (path) => {
    const { status, headers, body } = await browser(api).open(path, { 'sec-fetch-site': 'cross-site' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('strict-origin');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatch(/^<!doctype html>\n<html lang="en">/);
    // The policy forbids what is inline, so nothing of the page may need it.
    expect(body).not.toMatch(/<script(?! src)|<style|\son\w+=|\sstyle=|https?:/);
    const inputs = [...body.matchAll(/<input id="(\w+)"/g)].map(([, id]) => id);
    for (const id of inputs) expect(body).toContain(`<label for="${id}">`);
    for (const [, file] of body.matchAll(/"(\/pages\/[\w.]+)"/g)) expect((await api.get(file!)).status).toBe(200);
  },
);

test.each(pages.map((page) => [page.path, page.inUrl ?? [], page.fields] as const))(
  '%s fills its form with %j of its URL only',
  async (path, inUrl, fields) => {
    const known = inUrl.map((name) => `${name}=/known`);
    const others = fields.filter((name) => !inUrl.includes(name)).map((name) => `${name}=from-the-url`);
    const odd = ['utm=1&utm=2', 'x=%ff', '%ff', 'y=%00', '__proto__=1', 'constructor=1', 'next[]=1', '?next=1', '='];
    for (const added of [others, odd]) {
      const { status, body } = await browser(api).open(`${path}?${[...added, ...known].join('&')}`);
      expect([status, body]).toEqual([200, expect.not.stringContaining('from-the-url')]);
      for (const name of inUrl) expect(body).toMatch(new RegExp(`name="${name}"[^>]* value="/known"`));
    }
  },
);

test('a page rejects a parameter of its own that is given twice, or is not UTF-8', async () => {
  expect((await browser(api).open('/sign-in?next=/a&next=/b')).status).toBe(422);
  expect((await browser(api).open('/sign-in?next=%ff')).status).toBe(400);
});

test('the files of the pages are those that exist', async () => {
  expect((await api.get('/pages/style.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
  for (const file of ['code.js', 'passkeys.js'])
    expect((await api.get(`/pages/${file}`)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect((await api.get('/pages/absent')).status).toBe(404);
  expect((await api.get('/pages/toString')).status).toBe(404);
});

test.each(pages.map((page) => [page.path, page.access] as const))('the form of %s is for %s', async (path, access) => {
  const stranger = browser(api);
  const token = await tokenFor(api, '/v1/tenants/acme', { scopes: ['admin'] });
  const unknown = await stranger.send(path, {});
  if (access === 'public') expect([401, 403]).not.toContain(unknown.status);
  else {
    expect(unknown.status).toBe(401);
    expect(unknown.body).toContain('<h1>Sign in</h1>');
    expect(unknown.body).toContain(`name="next" value="${path}"`);
    // An operator may create tenants too.
    for (const each of access === 'tenant:create' ? [token] : [OPERATOR, token])
      expect((await stranger.send(path, {}, { authorization: `Bearer ${each}` })).status).toBe(403);
  }
  for (const origin of ['https://tenant.example.com', 'null', 'http://127.0.0.1', api.url]) {
    const { status, body } = await grace.send(path, {}, { origin });
    expect([status, body]).toEqual([403, expect.stringContaining('<h1>Forbidden</h1>')]);
    expect(body).toContain('The form was not sent from a page of https://gatehouse.example.com;');
    expect(body).not.toContain('Bearer');
  }
  // Grace is still signed in.
  expect((await grace.open('/account')).body).toContain('grace@example.com');
});

test('a person signs up, signs out, forgets the password, and changes the address by the links in the mails', async () => {
  const ada = browser(api);
  const email = 'ada@example.com';
  const signedUp = await ada.send('/sign-up', { email, name: 'Ada', password: PASSWORD });
  expect([signedUp.status, signedUp.body]).toEqual([200, expect.stringContaining(email)]);
  expect(await linkFor(email)).toBe('/verify');
  const code = await box.codeFor(email);
  const wrong = await ada.send('/verify', { code, password: 'another one' });
  expect([wrong.status, wrong.body]).toEqual([422, expect.stringContaining('role="alert">The code is unknown')]);
  expect(await ada.send('/verify', { code, password: PASSWORD })).toMatchObject({ status: 303, location: '/account' });
  expect((await ada.open('/account')).body).toContain(`<strong>${email}</strong> (Ada)`);
  // A browser does not send the cookie from another site, such as a web mailer.
  expect((await ada.open('/account', { 'sec-fetch-site': 'cross-site' })).body).toContain('Continue</a>');
  const { cookie } = ada;
  expect(await ada.send('/account', {})).toMatchObject({ status: 303, location: '/sign-in' });
  expect((await browser(api).open('/account', { cookie })).body).toContain('You are not signed in.');

  await ada.send('/forgot-password', { email });
  expect(await linkFor(email)).toBe('/reset-password');
  const reset = await ada.send('/reset-password', {
    code: await box.codeFor(email),
    password: 'a new password of hers',
  });
  expect([reset.status, reset.body]).toEqual([200, expect.stringContaining('Your password is set')]);
  const early = await ada.send('/sign-in', { email, password: PASSWORD });
  expect([early.status, early.body]).toEqual([401, expect.stringContaining('First open the link in the mail.')]);
  expect((await ada.send('/sign-in', { email, password: 'a new password of hers' })).location).toBe('/account');

  const change = { email: 'ada@example.org', password: 'a new password of hers' };
  expect((await ada.open('/account')).body).toContain('href="/change-email"');
  const denied = await ada.send('/change-email', { ...change, password: 'another one' });
  expect([denied.status, denied.body]).toEqual([401, expect.stringContaining('value="ada@example.org"')]);
  const changed = await ada.send('/change-email', change);
  expect([changed.status, changed.body]).toEqual([200, expect.stringContaining('<strong>ada@example.org</strong>')]);
  expect(await linkFor('ada@example.org')).toBe('/confirm-email');
  const confirmed = await ada.send('/confirm-email', { code: await box.codeFor('ada@example.org') });
  expect([confirmed.status, confirmed.body]).toEqual([200, expect.stringContaining('Your address is confirmed')]);
  expect((await ada.open('/account')).body).toMatch(
    /ada@example.org[\s\S]*"\/device">Approve a sign-in on a command line<[\s\S]*"\/change-password">/,
  );
});

test('the answer of an authenticator adds a passkey, and signs in, as the script sends it', async () => {
  const email = 'barbara@example.com';
  const token = await person(api, box, email);
  const barbara = browser(api);
  await barbara.send('/sign-in', { email, password: PASSWORD });
  const cookie = { cookie: barbara.cookie, origin: PAGES };
  const begin = async () =>
    (await api.post('/v1/auth/passkeys/options', { password: PASSWORD }, { token: null, headers: cookie })).body;
  const device = new Authenticator(PAGES);
  const passkey = JSON.stringify(device.create(await begin()));
  for (const wrong of ['', 'null', '{', '[]', '{"id":"AAAA"}']) {
    const { status, body } = await barbara.send('/passkeys', { name: 'Phone', passkey: wrong });
    expect([wrong, status, body]).toEqual([wrong, 422, expect.stringContaining('role="alert"')]);
  }
  const named = await barbara.send('/passkeys', { name: 'x'.repeat(101), passkey });
  expect([named.status, named.body]).toEqual([422, expect.stringContaining('This must have at most 100 characters')]);
  const other = await browser(api).send('/passkeys', { passkey }, { authorization: `Bearer ${token}` });
  expect([other.status, other.body]).toEqual([422, expect.stringContaining('The answer of the passkey is not valid')]);
  expect(await barbara.send('/passkeys', { name: 'Phone', passkey })).toMatchObject({ location: '/passkeys' });
  expect((await barbara.send('/passkeys', { name: 'Phone', passkey })).status).toBe(422);
  expect((await barbara.open('/passkeys')).body.match(/<li>/g)).toHaveLength(1);

  const begun = await api.post('/v1/auth/passkey-sign-in/options', {}, { token: null });
  const answer = JSON.stringify(device.get(begun.body));
  const later = browser(api);
  expect((await later.send('/sign-in', { passkey: '{}', next: '/sessions' })).status).toBe(422);
  const signIn = { passkey: answer, next: '/sessions' };
  expect(await later.send('/sign-in', signIn)).toMatchObject({ status: 303, location: '/sessions' });
  expect((await later.open('/account')).body).toMatch(new RegExp(`${email}[^]*action="/create-tenant"`));
  const again = await browser(api).send('/sign-in', signIn);
  expect([again.status, again.body]).toEqual([401, expect.stringContaining('The passkey is unknown')]);
  expect(again.body).toContain('name="next" value="/sessions"');
});

test.skipIf(elsewhere)('without a host name, the pages offer no passkeys', async () => {
  const origin = 'http://127.0.0.1:8480';
  const numbered = await harness({ GATEHOUSE_PUBLIC_URL: origin });
  try {
    const email = 'no-name@example.com';
    await person(numbered, mailbox(numbered), email);
    const visitor = browser(numbered, origin);
    expect((await visitor.open('/sign-in')).body).not.toContain('passkey');
    await visitor.send('/sign-in', { email, password: PASSWORD });
    const { body } = await visitor.open('/passkeys');
    expect(body).toContain('This platform can have no passkeys');
    expect(body).not.toContain('data-passkey');
  } finally {
    await numbered.close();
  }
});

test('a person who is signed in creates a tenant, and the pages to sign in say who is signed in', async () => {
  const email = 'creator@example.com';
  await person(api, box, email);
  const creator = browser(api);
  await creator.send('/sign-in', { email, password: PASSWORD });
  for (const path of ['/sign-in', '/sign-up'])
    expect((await creator.open(path)).body).toContain(`You are signed in as <strong>${email}</strong>`);
  expect((await creator.open('/forgot-password')).body).toContain(`value="${email}"`);
  expect((await creator.open('/account')).body).toMatch(
    /You are a member of no tenant yet\.[\s\S]*<form method="post" action="\/create-tenant">[\s\S]*name="name"/,
  );
  for (const [name, status] of [
    ['No Name', 422],
    ['www', 409],
    ['acme', 409],
    ['creation', 200],
  ] as const)
    expect([name, (await creator.send('/create-tenant', { name })).status]).toEqual([name, status]);
  expect((await creator.open('/account')).body).toContain('<strong>creation</strong>, as owner');
  expect((await api.get('/v1/tenants/creation/audit')).body.items[0]).toMatchObject({ action: 'create' });
});

test('a person removes a passkey, and deletes the account with a code', async () => {
  const email = 'dennis@example.com';
  const token = await person(api, box, email);
  const dennis = browser(api);
  await dennis.send('/sign-in', { email, password: PASSWORD });
  expect((await dennis.open('/passkeys')).body).toContain('Your account has no passkeys.');
  const options = (await api.post('/v1/auth/passkeys/options', { password: PASSWORD }, { token })).body;
  const passkey = new Authenticator(PAGES).create(options);
  const { id } = (await api.post('/v1/auth/passkeys', { passkey, name: '<b>Laptop</b> 👩‍💻' }, { token })).body;
  expect((await dennis.open('/passkeys')).body).toContain('Remove the passkey &lt;b&gt;Laptop&lt;/b&gt; 👩‍💻');
  await dennis.send('/forgot-password', { email });
  const reset = await dennis.send('/reset-password', { code: await box.codeFor(email), password: PASSWORD });
  expect(reset.body).toMatch(
    /still sign in to your account:<\/p>\n<ul><li>&lt;b&gt;Laptop&lt;\/b&gt; 👩‍💻 <span.*added 20/,
  );
  expect((await box.to(email)).at(-1)).toMatchObject({
    template: 'password-changed',
    values: { passkeys: [expect.stringMatching(/^“<b>Laptop<\/b> 👩‍💻”, added 20/)] },
  });
  expect((await dennis.open('/passkeys')).body).toContain('You are not signed in.');
  await dennis.send('/sign-in', { email, password: PASSWORD });
  const strange = await grace.send('/passkeys', { id });
  expect([strange.status, strange.body]).toEqual([404, expect.stringContaining('There is no passkey')]);
  expect(await dennis.send('/passkeys', { id })).toMatchObject({ status: 303, location: '/passkeys' });
  expect((await dennis.open('/passkeys')).body).toContain('Your account has no passkeys.');

  expect((await dennis.send('/delete-account', { send: 'code' })).body).toContain('Code from the mail');
  const code = await box.codeFor(email);
  expect((await dennis.send('/delete-account', { code: `gh_code_${'x'.repeat(43)}` })).status).toBe(422);
  expect((await grace.send('/delete-account', { code })).status).toBe(422);
  expect((await dennis.send('/delete-account', {})).status).toBe(403);
  expect((await dennis.send('/delete-account', { code })).body).toContain('Your account is deleted');
});

test('a person ends other sessions, and deletes the account', async () => {
  const email = 'linus@example.com';
  const first = await person(api, box, email);
  const linus = browser(api);
  await linus.send('/sign-in', { email, password: PASSWORD });
  const second = browser(api);
  await second.send('/sign-in', { email, password: PASSWORD }, { 'user-agent': '<i>old</i>' });
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
  await browser(api).send('/sign-in', { email, password: PASSWORD }, { 'user-agent': chrome });
  const { body } = await linus.open('/sessions');
  expect(body).toMatch(/<div>Chrome on Linux <span/);
  expect(body.match(/<li>/g)).toHaveLength(4);
  const [, id] = /&lt;i&gt;old&lt;\/i&gt; <span[\s\S]*?name="id" value="([\w-]+)"/.exec(body)!;
  expect((await grace.send('/sessions', { id: id! })).status).toBe(404);
  expect(await linus.send('/sessions', { id: id! })).toMatchObject({ status: 303, location: '/sessions' });
  expect((await second.open('/sessions')).body).toContain('You are not signed in.');
  expect((await linus.send('/sessions', {})).status).toBe(303);
  expect((await api.get('/v1/me', { token: first })).status).toBe(401);
  expect((await linus.open('/sessions')).body.match(/<li>/g)).toHaveLength(1);

  const headers = { cookie: linus.cookie, origin: PAGES };
  expect((await api.post('/v1/tenants', { name: 'kernel' }, { token: null, headers })).status).toBe(201);
  expect((await linus.open('/account')).body).toMatch(
    /<strong>kernel<\/strong>, as owner <span class="note"><a href="(https:\/\/kernel\.apps\.example:8443)">\1<\/a>/,
  );
  expect((await linus.open('/delete-account')).body).toContain(`the account of <strong>${email}</strong>`);
  const owner = await linus.send('/delete-account', { password: PASSWORD });
  expect([owner.status, owner.body]).toEqual([409, expect.stringContaining('You are the only owner of kernel:')]);
  expect((await api.remove('/v1/tenants/kernel', { token: null, headers })).status).toBe(204);
  expect((await linus.send('/delete-account', { password: 'another one' })).status).toBe(401);
  const deleted = await linus.send('/delete-account', { password: PASSWORD });
  expect([deleted.status, linus.cookie]).toEqual([200, '__Host-gatehouse=']);
  expect((await linus.send('/sign-in', { email, password: PASSWORD })).status).toBe(401);
});

test('a person changes the password with the current one or a code, and stays signed in', async () => {
  const email = 'hedy@example.com';
  const other = await person(api, box, email);
  const hedy = browser(api);
  await hedy.send('/sign-in', { email, password: PASSWORD });
  expect((await hedy.open('/change-password')).body).toMatch(
    /<strong>hedy@[\s\S]*name="current"[\s\S]*name="password"/,
  );
  const password = 'another password of hers';
  for (const [fields, status, reason] of [
    [{ current: '"><b>wrong', password }, 401, 'role="alert">The password is wrong'],
    [{ current: PASSWORD, password: '"><b>x' }, 422, 'class="error">This must have 8 to 128 characters'],
    [{ current: PASSWORD, password: email }, 422, 'aria-invalid=true'],
    [{ password }, 403, 'role="alert"'],
    [{ code: `gh_code_${'x'.repeat(43)}`, password }, 422, 'role="alert"'],
  ] as const) {
    const rejected = await hedy.send('/change-password', fields);
    expect([rejected.status, rejected.body]).toEqual([status, expect.stringContaining(reason)]);
    expect(rejected.body).not.toMatch(/<b>|another password|correct horse/);
  }
  expect((await api.get('/v1/me', { token: other })).status).toBe(200);
  const changed = await hedy.send('/change-password', { current: PASSWORD, password });
  expect([changed.status, changed.body]).toEqual([200, expect.stringContaining('Your other sessions have ended.')]);
  expect((await api.get('/v1/me', { token: other })).status).toBe(401);
  expect((await browser(api).send('/sign-in', { email, password: PASSWORD })).status).toBe(401);
  expect((await browser(api).send('/sign-in', { email, password })).status).toBe(303);

  const sent = await hedy.send('/change-password', { send: 'code' });
  expect(sent.body).toMatch(/name="code"[\s\S]*name="password"/);
  expect((await hedy.send('/change-password', { code: await box.codeFor(email), password: PASSWORD })).status).toBe(
    200,
  );
  expect((await hedy.open('/account')).body).toContain('href="/change-password"');
  expect((await browser(api).send('/sign-in', { email, password: PASSWORD })).status).toBe(303);
});

test('an invitation is accepted after a sign-in, which keeps its code', async () => {
  const email = 'grace@example.com';
  expect((await api.post('/v1/tenants/acme/invitations', { email, role: 'viewer' })).status).toBe(201);
  expect(await linkFor(email)).toBe('/invitations');
  const code = await box.codeFor(email);
  const later = browser(api);
  expect((await later.open('/invitations')).body).toContain('If you are not signed in');
  const unknown = await later.send('/invitations', { code });
  expect([unknown.status, unknown.body]).toEqual([401, expect.stringContaining(`name="code" value="${code}"`)]);
  const { status, location } = await later.send('/sign-in', { email, password: PASSWORD, next: '/invitations', code });
  expect([status, location]).toEqual([303, `/invitations#code=${code}`]);
  const signedIn = (await later.open('/invitations')).body;
  expect(signedIn).toContain(`You are signed in as <strong>${email}</strong>`);
  expect(signedIn).not.toContain('/sign-up');
  const accepted = await later.send('/invitations', { code });
  expect([accepted.status, accepted.body]).toEqual([200, expect.stringContaining('<strong>acme</strong>, as viewer')]);
  const again = await later.send('/invitations', { code });
  expect([again.status, again.body]).toEqual([422, expect.stringContaining('The invitation is unknown')]);
  expect(api.logged().join()).not.toContain(code);
});

test('a person without an account keeps an invitation through the sign-up and the confirmation', async () => {
  const email = 'katherine@example.com';
  await api.post('/v1/tenants/acme/invitations', { email, role: 'viewer' });
  const invitation = await box.codeFor(email);
  const katherine = browser(api);
  const join = await katherine.send('/sign-in', { next: '/invitations', code: invitation, join: 'yes' });
  expect([join.status, join.body]).toEqual([200, expect.stringContaining('<h1>Sign up</h1>')]);
  expect((await katherine.send('/invitations', { code: invitation })).body).toMatch(
    /name="join" value="yes"[^>]*>Sign up</,
  );
  const kept = `name="code" value="${invitation}"`;
  expect(join.body).toContain(kept);
  expect((await katherine.send('/sign-up', { email, password: 'short', code: invitation })).body).toContain(kept);
  await katherine.send('/sign-up', { email, password: PASSWORD, code: invitation });
  const code = await box.codeFor(email);
  expect((await box.to(email)).at(-1)!.values.link).toBe(`${PAGES}/verify#code=${code}&invitation=${invitation}`);
  const wrong = await katherine.send('/verify', { code, password: 'another one', invitation });
  expect([wrong.status, wrong.body]).toEqual([422, expect.stringContaining(`name="invitation" value="${invitation}"`)]);
  const { status, location } = await katherine.send('/verify', { code, password: PASSWORD, invitation });
  expect([status, location]).toEqual([303, `/invitations#code=${invitation}`]);
  expect((await katherine.send('/invitations', { code: invitation })).body).toContain(
    '<strong>acme</strong>, as viewer',
  );
  expect(api.logged().join()).not.toContain(invitation);

  // What is not the code of an invitation is in no mail, and leads nowhere.
  const odd = '"><script>alert(1)</script>&next=//evil.example';
  const other = browser(api);
  const sent = { email: 'dorothy@example.com', password: PASSWORD };
  expect((await other.send('/sign-up', { ...sent, password: '', code: odd })).body).toContain(
    'value="&quot;&gt;&lt;script&gt;',
  );
  await other.send('/sign-up', { ...sent, code: odd });
  const { link } = (await box.to(sent.email)).at(-1)!.values;
  expect(link).toMatch(/\/verify#code=gh_code_[\w-]{43}$/);
  const confirmed = await other.send('/verify', {
    code: await box.codeFor(sent.email),
    password: PASSWORD,
    invitation: odd,
  });
  expect(confirmed.location).toBe('/account');
});

test.each(['approve', 'deny'] as const)('a person sees which command shows the code, and can %s', async (decision) => {
  const codes = await authorized(api, { device_name: '<b>laptop</b>' });
  const { pathname, search } = new URL(codes.verification_uri_complete);
  expect((await grace.open(pathname + search)).body).toMatch(
    new RegExp(`value="${codes.user_code}"[^]*Approve</button>`),
  );
  expect((await grace.open('/device?user_code=WDJB-MJHT')).body).toContain('Continue</button>');
  const typed = codes.user_code.toLowerCase().replace('-', '');
  expect((await browser(api).open('/device')).body).toContain('If you are not signed in');
  const unknown = await browser(api).send('/device', { user_code: typed });
  expect([unknown.status, unknown.body]).toEqual([
    401,
    expect.stringContaining(`name="next" value="/device?user_code=${typed}"`),
  ]);
  const shown = await grace.send('/device', { user_code: typed });
  expect(shown.status).toBe(200);
  for (const text of [codes.user_code, '&lt;b&gt;laptop&lt;/b&gt;', 'grace@example.com'])
    expect(shown.body).toContain(text);
  expect((await grace.send('/device', { user_code: typed, decision: 'maybe' })).status).toBe(422);
  expect((await grace.send('/device', { user_code: codes.user_code, decision })).status).toBe(200);
  const issued = await asked(api, codes);
  if (decision === 'deny') expect(issued.body.error).toBe('access_denied');
  else expect((await api.get('/v1/me', { token: issued.body.access_token })).body.email).toBe('grace@example.com');
  const used = await grace.send('/device', { user_code: codes.user_code });
  expect([used.status, used.body]).toEqual([422, expect.stringContaining('No command shows this code')]);
});

test('a rejected form shows what was entered, except for the password, and why', async () => {
  const name = '"><script>alert(1)</script>';
  const email = 'nobody@example.com';
  const { status, body } = await browser(api).send('/sign-up', { email, name, password: 'hunter' });
  expect(status).toBe(422);
  expect(body).toContain('value="nobody@example.com"');
  expect(body).toContain('value="&quot;&gt;&lt;script&gt;');
  expect(body).not.toContain('hunter');
  expect(body).toContain('<span class="error">This must have 8 to 128 characters.</span>');
  expect(body).not.toContain('At least 8 characters.');
  expect(body).toContain('aria-invalid=true');
  const many = await browser(api).send('/sign-up', { email, name: 'x'.repeat(100_000) });
  expect([many.status, many.headers.get('content-type')]).toEqual([413, 'text/html; charset=utf-8']);
  expect((await browser(api).send('/sign-up', { email, role: 'operator' })).status).toBe(422);
});

test.each(['//evil.example', '/\\evil.example', 'https://evil.example'])(
  'a sign-in does not lead to %s',
  async (next) => {
    const signIn = { email: 'grace@example.com', password: PASSWORD, next };
    const { status, location, headers } = await browser(api).send('/sign-in', signIn);
    expect([status, location]).toEqual([303, '/account']);
    expect(headers.getSetCookie()[0]).toMatch(
      /^__Host-gatehouse=gh_session_[\w-]{43}; .*Secure; HttpOnly; SameSite=Strict$/,
    );
  },
);

test.skipIf(elsewhere !== undefined)('a person who opens many pages is slowed down', async () => {
  const limited = await harness({ GATEHOUSE_RATE_LIMIT: '1', GATEHOUSE_RATE_BURST: '5' });
  try {
    const email = 'eager@example.com';
    await person(limited, mailbox(limited), email);
    const eager = browser(limited, limited.url);
    await eager.send('/sign-in', { email, password: PASSWORD });
    const answers = await Promise.all(Array.from({ length: 20 }, () => eager.open('/sessions')));
    for (const { headers } of answers) expect(headers.has('strict-transport-security')).toBe(false);
    const late = answers.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThan(0);
    expect(late[0]!.body).toContain('<h1>Too many requests</h1>');
  } finally {
    await limited.close();
  }
});
