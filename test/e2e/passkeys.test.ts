/**
 * The scripts on the page about signing in, and the pages of the API, in a real browser with a virtual authenticator,
 * against a running API.
 * https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, harness } from '../api/harness.ts';
import { CLIENT, company } from '../api/oidc/company.ts';
import { type Mailbox, mailbox, person } from '../api/people/mailbox.ts';
import { freePort } from './stack.ts';

const CHROMIUM = '/usr/bin/chromium';
const EMAIL = 'ada@example.com';
const PASSWORD = 'correct horse battery staple';

const docs = readFileSync('docs/tasks/sign-in.md', 'utf8');
const [send, add, signIn, prove] = [...docs.matchAll(/^( *)```js\n([\s\S]*?)\n *```/gm)].map(([, , script]) => script!);

describe.skipIf(!existsSync(CHROMIUM))('a browser with a passkey', () => {
  let api: Harness;
  let browser: Browser;
  let page: Page;
  let devtools: CDPSession;
  let authenticatorId: string;
  let origin: string;
  let box: Mailbox;
  let idp: Awaited<ReturnType<typeof company>>;
  const violations: string[] = [];
  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    idp = await company(`${origin}/v1/auth/oidc/callback`);
    api = await harness({
      ...{ GATEHOUSE_LISTEN: `127.0.0.1:${port}`, GATEHOUSE_PUBLIC_URL: origin },
      ...{ GATEHOUSE_OIDC_ISSUER: idp.issuer, GATEHOUSE_OIDC_DOMAINS: 'example.com' },
      ...{ GATEHOUSE_OIDC_CLIENT_ID: CLIENT.client_id, GATEHOUSE_OIDC_CLIENT_SECRET: CLIENT.client_secret },
    });
    box = mailbox(api);
    await person(api, box, EMAIL, PASSWORD);
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
      ],
    });
    page = await browser.newPage();
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) violations.push(message.text());
    });
    await page.goto(`${origin}/livez`);
    devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    ({ authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
        ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      },
    }));
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
    idp?.close();
  });

  /** Runs a script of the documentation, or one that uses its function `send`. */
  const run = (script: string, value = 'undefined') =>
    page.evaluate(`(async () => { ${send}\n${script}\nreturn ${value}; })()`);
  const read = (path: string) => page.evaluate(`fetch('${path}').then((response) => response.json())`);
  const signOut = () => run("await fetch('/v1/auth/sign-out', { method: 'POST' });");
  const credentials = async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials;

  it('adds it, and signs in with nothing else', async () => {
    await run(`await send('/v1/auth/sign-in', { email: '${EMAIL}', password: '${PASSWORD}' });`);
    await run(add!);
    expect(await read('/v1/auth/passkeys')).toMatchObject({ items: [{ name: 'Laptop', syncable: false }] });
    expect(await credentials()).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);
    // The authenticator has it already.
    await expect(run(add!)).rejects.toThrow('InvalidStateError');
    await signOut();
    expect(await read('/v1/auth/session')).toMatchObject({ code: 'unauthorized' });
    expect(await run(signIn!, 'person')).toMatchObject({ email: EMAIL });
    expect(await read('/v1/auth/session')).toMatchObject({ person: { email: EMAIL }, session: { method: 'passkey' } });
  });

  it('proves with it who changes the password', async () => {
    await run(prove!);
    const changed = { email: EMAIL, password: 'another horse battery staple' };
    expect((await api.post('/v1/auth/sign-in', changed, { token: null })).status).toBe(200);
  });

  it('cannot use it for a person whom the device does not recognize', async () => {
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await expect(run(signIn!)).rejects.toThrow('NotAllowedError');
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  });

  it('cannot use it on a page of another origin', async () => {
    await page.goto(`${origin.replace('localhost', '127.0.0.1')}/livez`);
    await expect(run(signIn!)).rejects.toThrow('SecurityError');
    await page.goto(`${origin}/livez`);
  });

  it('does not sign in with an older copy of the authenticator', async () => {
    const [credential] = await credentials();
    expect(credential!.signCount).toBeGreaterThan(1);
    const { credentialId } = credential!;
    await devtools.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
    await devtools.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential!, signCount: 1 } });
    await signOut();
    await expect(run(signIn!)).rejects.toThrow('the passkey is unknown');
    expect(await read('/v1/auth/session')).toMatchObject({ code: 'unauthorized' });
  });

  describe('on the pages of the API', () => {
    const GRACE = 'grace@example.com';
    const button = (name: string, on = page) => on.getByRole('button', { name, exact: true });
    const click = (name: string, on = page) => button(name, on).click();
    const reason = (on = page) => on.getByRole('alert').filter({ visible: true }).textContent();
    const at = (path: string, on = page) => on.waitForURL(`${origin}${path}`);
    const open = (path: string, on = page) => on.goto(`${origin}${path}`);
    const signInWithPassword = async (on = page) => {
      await on.getByLabel('E-mail address').fill(GRACE);
      await on.getByLabel('Password').fill(PASSWORD);
      await click('Sign in', on);
    };
    /** Opens the link in the mail with an invitation, and sends the form without a session. */
    const invited = async (email: string, tenant: string) => {
      expect((await api.post('/v1/tenants', { name: tenant })).status).toBe(201);
      expect((await api.post(`/v1/tenants/${tenant}/invitations`, { email, role: 'viewer' })).status).toBe(201);
      // From the same page, the link would change only the fragment.
      await open('/account');
      await page.goto((await box.to(email)).at(-1)!.values.link!);
      await click('Accept');
      await button('Sign in').waitFor();
    };
    const accepted = async (tenant: string) => {
      await page.waitForURL(`${origin}/invitations`);
      await click('Accept');
      expect(await page.getByRole('main').textContent()).toContain(`member of the tenant ${tenant}`);
    };
    beforeAll(async () => {
      await devtools.send('WebAuthn.clearCredentials', { authenticatorId });
      await person(api, box, GRACE, PASSWORD);
    });

    it('a person adds a passkey with the password', async () => {
      await open('/sign-in?next=/passkeys');
      await signInWithPassword();
      await at('/passkeys');
      await page.getByLabel('Name (optional)').fill('Laptop');
      await page.getByLabel('Password').fill('wrong password');
      await click('Add a passkey');
      expect(await reason()).toBe('The password is wrong, or the account has none.');
      await page.getByLabel('Password').fill(PASSWORD);
      await click('Add a passkey');
      await button('Remove the passkey Laptop').waitFor();
      expect(await credentials()).toHaveLength(1);
    });

    it('a person adds a passkey with a code, which a second try does not need again', async () => {
      await click('Send me a code');
      await page.getByLabel('Code from the mail').fill(await box.codeFor(GRACE));
      await click('Add a passkey');
      expect(await reason()).toBe('This device already has a passkey for your account.');
      await devtools.send('WebAuthn.clearCredentials', { authenticatorId });
      await click('Add a passkey');
      await button('Remove the passkey Passkey').waitFor();
      expect(await credentials()).toHaveLength(1);
    });

    it('a person signs in with a passkey, and returns to the page', async () => {
      await signOut();
      await open('/sign-in?next=/sessions');
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
      await click('Sign in with a passkey');
      expect(await reason()).toBe('The device did not confirm who you are, or it took too long.');
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
      await click('Sign in with a passkey');
      await at('/sessions');
      expect(await read('/v1/auth/session')).toMatchObject({
        person: { email: GRACE },
        session: { method: 'passkey' },
      });
    });

    it('a person accepts an invitation after a sign-in with a passkey', async () => {
      await signOut();
      await invited(GRACE, 'acme');
      await click('Sign in with a passkey');
      await accepted('acme');
    });

    it('a person accepts an invitation after a sign-in with a company, where a new session adds a passkey', async () => {
      await signOut();
      await devtools.send('WebAuthn.clearCredentials', { authenticatorId });
      const email = 'linus@example.com';
      idp.signedIn('linus', { email, email_verified: true });
      await invited(email, 'kernel');
      await click('Sign in with your company');
      await accepted('kernel');
      await open('/passkeys');
      expect(await page.getByLabel('Password').count()).toBe(0);
      await click('Add a passkey');
      await button('Remove the passkey Passkey').waitFor();
    });

    it('without scripts, a person signs in, and the pages say why they offer no passkeys', async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const plain = await context.newPage();
      const why = plain.getByText('Passkeys need scripts, HTTPS and a browser that supports them.');
      const offered = plain.getByRole('button', { name: /with a passkey|Add a passkey|Send me a code/ });
      await open('/sign-in?next=/passkeys', plain);
      expect([await why.isVisible(), await offered.count()]).toEqual([true, 0]);
      await signInWithPassword(plain);
      await at('/passkeys', plain);
      expect([await why.isVisible(), await offered.count()]).toEqual([true, 0]);
      await click('Remove the passkey Laptop', plain);
      await button('Remove the passkey Laptop', plain).waitFor({ state: 'detached' });
      idp.signedIn('ken', { email: 'ken@example.com', email_verified: true });
      await open('/sign-in?next=/sessions', plain);
      await click('Sign in with your company', plain);
      await at('/sessions', plain);
      await context.close();
    });

    it('a removed passkey signs nobody in', async () => {
      await open('/passkeys');
      await click('Remove the passkey Passkey');
      await page.getByText('Your account has no passkeys.').waitFor();
      await signOut();
      await open('/sign-in');
      await click('Sign in with a passkey');
      await page.getByText('The passkey is unknown').waitFor();
    });

    it('a person without an account accepts an invitation after the sign-up', async () => {
      const email = 'katherine@example.com';
      await invited(email, 'orbit');
      await click('Sign up');
      await page.getByLabel('E-mail address').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await click('Sign up');
      await page.getByText('A mail was sent to').waitFor();
      await page.goto((await box.to(email)).at(-1)!.values.link!);
      await page.getByLabel('Password').fill(PASSWORD);
      await click('Confirm');
      await accepted('orbit');
    });

    it('a page at another address says that it cannot use passkeys', async () => {
      await page.goto(`${origin.replace('localhost', '127.0.0.1')}/sign-in`);
      await click('Sign in with a passkey');
      expect(await reason()).toBe('Passkeys cannot be used at this address of the page.');
    });

    it('no page needed what its policy forbids', () => expect(violations).toEqual([]));
  });
});
