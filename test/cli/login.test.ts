import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Process, until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';

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
  const code = await until('the mail', () => {
    const [file] = readdirSync(join(folder, 'mail')).filter((each) => each.endsWith('.eml'));
    return file && /gh_code_[\w-]{43}/.exec(readFileSync(join(folder, 'mail', file), 'utf8'))?.[0];
  });
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

const environment = (env: Record<string, string>) => ({ PATH: process.env.PATH, XDG_CONFIG_HOME: folder, ...env });

/** Runs the command as a user does, and waits until it exits. */
function gatehouse(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [shim, ...args], { env: environment(env) }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** Starts to sign in, and decides once the command shows its code. */
async function login(decision: 'approve' | 'deny', ...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [shim, 'login', ...args], { env: environment({}) });
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const userCode = await until('the code', () => /[A-Z]{4}-[A-Z]{4}/.exec(stderr)?.[0]);
  expect(stderr).toContain(`\n  ${url}/device?user_code=${userCode}\n`);
  const found = await post('/v1/auth/device/lookup', { userCode }, person);
  await post('/v1/auth/device/decision', { userCode, decision }, person);
  return { found, code: await ended, stdout, stderr };
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
  expect(lines).toEqual(listed.items.toReversed());
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
