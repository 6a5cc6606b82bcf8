import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NODE_FLAGS } from '../../api/node-flags.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';

const shim = fileURLToPath(new URL('../../cli/gatehouse.mjs', import.meta.url));
let folder: string;
let child: ChildProcess | undefined;
let said = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function api(store: string, listen = '127.0.0.1:0', env = {}, flags: string[] = []): ChildProcess {
  said = '';
  child = spawn(process.execPath, [...flags, shim, 'api', '--store', store, '--listen', listen], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    cwd: folder,
  });
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return child;
}

it('runs in one process, with the flags the API is meant to have, and ends at a signal', async () => {
  const listen = `127.0.0.1:${await freePort()}`;
  const running = api('sqlite:api.sqlite', listen);
  await until('the API', async () => (await fetch(`http://${listen}/readyz`)).ok);
  const commandLine = readFileSync(`/proc/${running.pid}/cmdline`, 'utf8').split('\0');
  expect(commandLine).toEqual([process.execPath, ...NODE_FLAGS, expect.stringContaining('api/main.node.ts'), '']);
  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([0, null]);
});

it('an older Node becomes the API too, so that killing it leaves nothing', async () => {
  const older = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"22.15.0"})';
  const listen = `127.0.0.1:${await freePort()}`;
  const running = api('sqlite:api.sqlite', listen, {}, ['--import', older]);
  await until('the API', async () => (await fetch(`http://${listen}/readyz`)).ok);
  expect(readFileSync(`/proc/${running.pid}/cmdline`, 'utf8')).toContain('api/main.node.ts');
  running.kill('SIGKILL');
  await once(running, 'exit');
  await expect(fetch(`http://${listen}/readyz`)).rejects.toThrow();
});

it('says how to get in while no operator token exists, and not any more once one does', async () => {
  const hint = 'set GATEHOUSE_OPERATOR_TOKEN';
  for (const [env, isHinted] of [
    [{}, true],
    [{ GATEHOUSE_OPERATOR_TOKEN: 'x'.repeat(16) }, false],
    [{}, false],
  ] as const) {
    const running = api('sqlite:api.sqlite', undefined, env);
    await until('the API', async () => said.includes('"listening"'));
    expect(said.includes(hint)).toBe(isHinted);
    running.kill('SIGTERM');
    await once(running, 'exit');
  }
});

const SEALING = { GATEHOUSE_SEALING_KEYS: `k:${Buffer.alloc(32).toString('base64')}` };

it('does not start with another sealing key than the first start on the store', async () => {
  const starts = async (keys: string) => {
    const running = api('sqlite:api.sqlite', undefined, { GATEHOUSE_SEALING_KEYS: keys });
    // All that it said has arrived when it is closed.
    const closed = once(running, 'close');
    await until('its start or its end', async () => said.includes('"listening"') || running.exitCode !== null);
    running.kill('SIGTERM');
    return (await closed)[0];
  };
  const key = (byte: number) => `main:${Buffer.alloc(32, byte).toString('base64')}`;
  expect(await starts(key(1))).toBe(0);
  expect(await starts(key(2))).toBe(1);
  expect(said).toMatch(/^gatehouse api: the sealing key 'main' is another key than [^\n]+\n$/);
  expect(said).not.toContain(key(2).slice(5));
  expect(await starts(key(1))).toBe(0);
});

it('warns of a variable that nothing reads', async () => {
  api('sqlite:', undefined, { GATEHOUSE_LISTEM: 'secret', GATEHOUSE_LOG: 'secret' });
  await once(child!, 'close');
  expect(said).toContain('gatehouse: unknown variable GATEHOUSE_LISTEM; did you mean GATEHOUSE_LISTEN?\n');
  expect(said).toContain('gatehouse: GATEHOUSE_LOG is a variable of `gatehouse agent`: it has no effect here.');
  expect(said).not.toContain('secret');
});

it.each([
  ['mysql://root:secret@127.0.0.1/x', "'mysql:…' is not one this version opens: write sqlite:PATH"],
  ['sqlite:', 'GATEHOUSE_STORE (--store) must be a store URL such as'],
  ['sqlite://host/file', "'sqlite:…' is not one this version opens: write sqlite:PATH"],
  ['sqlite:folder', "SQLite does not open 'folder': "],
  ['sqlite:text', "SQLite does not open 'text': file is not a database. Expected a database file"],
  ['sqlite:text/below', "SQLite does not open 'text/below': "],
  ['postgres://', 'write postgres://user:password@host:5432/database'],
  ['postgres://u:secret@127.0.0.1:1/x', "PostgreSQL at 127.0.0.1:1 does not open the database 'x' for 'u': "],
  ['postgres://u:secret@127.0.0.1:1/x?pool=zero', "'pool' must be a whole number above 0, not 'zero'"],
])('says at the start what is wrong with %s, in one line and without its password', async (store, what) => {
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'text'), 'Long enough to be taken for a database, but none.'.repeat(20));
  // 2 for a URL of the wrong form, 1 for a store that does not open.
  const opensNot = /^sqlite:(folder|text)|127.0.0.1:1\/x$/.test(store);
  expect(await once(api(store, undefined, SEALING), 'close')).toEqual([opensNot ? 1 : 2, null]);
  expect(said).toContain(what);
  expect(said).toMatch(/^gatehouse api: [^\n]+\n$/);
  expect(said).not.toContain('secret');
});
