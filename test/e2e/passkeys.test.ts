/**
 * The scripts on the page about signing in, in a real browser with a virtual authenticator, against a running API.
 * https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, harness } from '../api/harness.ts';
import { mailbox, person } from '../api/people/mailbox.ts';
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
  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    api = await harness({ GATEHOUSE_LISTEN: `127.0.0.1:${port}`, GATEHOUSE_PUBLIC_URL: origin });
    await person(api, mailbox(api), EMAIL, PASSWORD);
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
      ],
    });
    page = await browser.newPage();
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
});
