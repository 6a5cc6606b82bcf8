import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Process, until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { hasBrowser } from '../envoy/browser.ts';

const shim = fileURLToPath(new URL('../../cli/gatehouse.mjs', import.meta.url));
const OPERATOR = 'gh_operator_for_the_tests_only';
const PASSWORD = 'correct horse battery';
let folder: string;
let api: Process;
let url: string;
let person: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'login-'));
  const listen = `127.0.0.1:${await freePort()}`;
  url = `http://${listen}`;
  api = new Process('api/main.node.ts', {
    GATEHOUSE_LISTEN: listen,
    GATEHOUSE_STORE: `sqlite:${join(folder, 'api.sqlite')}`,
    GATEHOUSE_OPERATOR_TOKEN: OPERATOR,
    GATEHOUSE_MAIL: `file:${join(folder, 'mail')}`,
    GATEHOUSE_MAIL_INTERVAL: '100',
  });
  api.start();
  await until('the API', async () => (await fetch(`${url}/readyz`)).ok);
  const account = { email: 'ada@example.com', password: PASSWORD };
  await post('/v1/auth/sign-up', account);
  const code = (await linkTo('ada@example.com')).split('#code=')[1];
  person = (await post('/v1/auth/verify', { code, password: PASSWORD, credential: 'bearer' })).token;
});
afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: tests assert on what came, whatever it is
async function post(path: string, body: object, token?: string): Promise<any> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.ok, await response.clone().text()).toBe(true);
  return response.status === 204 ? undefined : response.json();
}

/** Waits for the mail to an address, and returns the link in it. */
const linkTo = (email: string) =>
  until('the mail', () => {
    const files = readdirSync(join(folder, 'mail')).filter((each) => each.endsWith('.eml'));
    const mails = files.map((each) => readFileSync(join(folder, 'mail', each), 'utf8'));
    return /http\S+#code=gh_code_[\w-]{43}/.exec(mails.find((each) => each.includes(`To: ${email}`)) ?? '')?.[0];
  });

const { PATH, NODE_COMPILE_CACHE } = process.env;
const environment = (env: Record<string, string>) => ({ PATH, NODE_COMPILE_CACHE, XDG_CONFIG_HOME: folder, ...env });

/** Runs the command as a user does, and waits until it exits. */
function gatehouse(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [shim, ...args], { env: environment(env) }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** Starts to sign in, and waits until the command shows its code. */
async function begun(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [shim, 'login', ...args], { env: environment({}) });
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const userCode = await until('the code', () => /[A-Z]{4}-[A-Z]{4}/.exec(stderr)?.[0]);
  const address = `${url}/device?user_code=${userCode}`;
  expect(stderr).toContain(`\n  ${address}\n`);
  return { userCode, address, ended: ended.then((code) => ({ code, stdout, stderr })) };
}

/** Signs in with the decision of Ada. */
async function login(decision: 'approve' | 'deny', ...args: string[]) {
  const { userCode, ended } = await begun(...args);
  const found = await post('/v1/auth/device/lookup', { userCode }, person);
  await post('/v1/auth/device/decision', { userCode, decision }, person);
  return { found, ...(await ended) };
}

it('signs in, and other commands use the session until it is ended', async () => {
  expect(await gatehouse(['whoami', '--url', url])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`Run \`gatehouse login --url ${url}\``),
  });
  const { found, code, stdout } = await login('approve', '--url', url, '--name', 'laptop', '--json');
  expect([code, found.name, found.remote]).toEqual([0, 'laptop', '127.0.0.1']);
  expect(JSON.parse(stdout)).toMatchObject({ url, email: 'ada@example.com' });
  expect(stdout).not.toContain('gh_');
  const [file] = readdirSync(join(folder, 'gatehouse', 'sessions'));
  const path = join(folder, 'gatehouse', 'sessions', file!);
  expect([statSync(path).mode & 0o777, JSON.parse(readFileSync(path, 'utf8')).token]).toEqual([
    0o600,
    expect.stringMatching(/^gh_session_/),
  ]);
  // Neither a URL nor a token is given.
  expect(await gatehouse(['whoami'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ada@example.com \(person /),
  });
  // A token that is given has precedence.
  expect((await gatehouse(['whoami', '--json'], { GATEHOUSE_TOKEN: OPERATOR })).stdout).toContain('"type":"operator"');
  const headers = { authorization: `Bearer ${person}` };
  const sessions = async () =>
    ((await (await fetch(`${url}/v1/auth/sessions`, { headers })).json()) as { items: { name?: string }[] }).items;
  expect(await sessions()).toMatchObject([{ name: 'laptop', userAgent: expect.stringMatching(/^gatehouse\//) }, {}]);
  // A further sign-in replaces the session.
  expect((await login('approve', '--name', 'desktop')).stdout).toMatch(
    /^Signed in to http.* as ada@example.com until /,
  );
  expect((await sessions()).map(({ name }) => name)).toEqual(['desktop', undefined]);
  expect(await gatehouse(['logout'])).toMatchObject({ code: 0, stdout: `Signed out of ${url}.\n` });
  expect(await sessions()).toHaveLength(1);
  expect(readdirSync(join(folder, 'gatehouse', 'sessions'))).toEqual([]);
  expect(await gatehouse(['logout', '--url', url])).toMatchObject({ code: 1 });
  expect(await gatehouse(['logout'])).toMatchObject({ code: 1, stderr: 'gatehouse: You are not signed in.\n' });
});

it('says that another program answers at the address', async () => {
  const other = createServer((_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<p>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  try {
    expect(await gatehouse(['login', '--url', at])).toMatchObject({
      code: 1,
      stderr: `gatehouse: There is no API of Gatehouse at ${at}: the answer was 404 text/html. Check the address and its port.\n`,
    });
  } finally {
    other.close();
  }
});

it.skipIf(!hasBrowser())('signs in with the pages in a browser, also without scripts', async () => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
  const complaints: string[] = [];
  const opened = async (options: BrowserContextOptions) => {
    const page = await (await browser.newContext(options)).newPage();
    page.on('console', (message) => message.text().includes('Content Security') && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    return page;
  };
  try {
    const first = await opened({});
    await first.goto(`${url}/sign-up`);
    await first.getByLabel('E-mail address').fill('grace@example.com');
    await first.getByLabel('Password').fill(PASSWORD);
    await first.getByRole('button').click();
    await first.getByRole('heading', { name: 'Check your mail' }).waitFor();
    // The page is open already, so the link changes only the fragment.
    await first.goto(`${url}/verify`);
    await first.goto(await linkTo('grace@example.com'));
    // The script has moved the code out of the address, and into the form.
    await first.waitForURL(`${url}/verify`);
    expect(await first.getByLabel('Code').isVisible()).toBe(false);
    await first.getByLabel('Password').fill(PASSWORD);
    await first.getByRole('button').click();
    await first.getByText('You are signed in as grace@example.com').waitFor();

    const { address, userCode, ended } = await begun('--url', url, '--name', 'laptop');
    const second = await opened({ javaScriptEnabled: false });
    await second.goto(address);
    await second.getByRole('button', { name: 'Continue' }).click();
    await second.getByRole('alert').getByText('Sign in first.').waitFor();
    await second.getByLabel('E-mail address').fill('grace@example.com');
    await second.getByLabel('Password').fill(PASSWORD);
    await second.getByRole('button', { name: 'Sign in' }).click();
    await second.waitForURL(address);
    for (const text of [userCode, 'laptop', '127.0.0.1']) await second.getByText(text).first().waitFor();
    await second.getByRole('button', { name: 'Approve' }).click();
    await second.getByRole('heading', { name: 'You are signed in there' }).waitFor();
    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('as grace@example.com') });
    expect(await gatehouse(['logout', '--url', url])).toMatchObject({ code: 0 });
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});

it('says that the person denied', async () => {
  expect(await login('deny', '--url', url)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('gatehouse: The sign-in was denied.\n'),
  });
});

it('lists and exports the audit log', async () => {
  const env = { GATEHOUSE_URL: url, GATEHOUSE_TOKEN: OPERATOR };
  const begin = { method: 'POST', body: new URLSearchParams({ client_id: 'gatehouse' }) };
  for (let i = 0; i < 2; i++) expect((await fetch(`${url}/v1/auth/device`, begin)).ok).toBe(true);
  const listed = JSON.parse((await gatehouse(['audit', 'list', '--chain', 'platform', '--json'], env)).stdout);
  expect(listed.items.length).toBeGreaterThan(2);
  const exported = await gatehouse(['audit', 'export', '--chain', 'platform'], env);
  const lines = exported.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const withoutNames = listed.items.map(({ actorName: _, ...entry }: { actorName?: string }) => entry);
  expect(lines).toEqual(withoutNames.toReversed());
  const { stdout } = await gatehouse(['audit', 'list', '--action', 'request', '--limit', '1'], env);
  expect(stdout).toMatch(
    /^TIME +ACTOR +ACTION +TARGET +FROM\n\S+ +\S+ +request +devices +127\.0\.0\.1\n\nThere are more/,
  );
  const after = ['audit', 'export', '--chain', 'platform', '--after', String(lines.at(-2).number)];
  expect((await gatehouse(after, env)).stdout).toBe(`${JSON.stringify(lines.at(-1))}\n`);
  expect(await gatehouse(['audit', 'list', 'absent'], env)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no tenant absent'),
  });
  expect((await gatehouse(['audit', 'list', 'acme', '--chain', 'platform'], env)).code).toBe(2);
});
