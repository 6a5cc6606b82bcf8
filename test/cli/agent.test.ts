import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NODE_FLAGS } from '../../dataplane/node-flags.ts';
import { until } from '../e2e/process.ts';
import { http } from '../e2e/unix.ts';

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

function agent(env: Record<string, string>, ...args: string[]): ChildProcess {
  said = '';
  child = spawn(process.execPath, [shim, 'agent', '--data', folder, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
  return child;
}
const address = (name: string) => `unix:${join(folder, name)}`;
const options = () => [
  '--api',
  'http://127.0.0.1:1',
  '--fleet',
  'edge',
  '--xds',
  address('xds'),
  '--health',
  address('health'),
];

it('runs in one process, with the flags an agent is meant to have and its sources compiled once', async () => {
  const running = agent({ GATEHOUSE_AGENT_TOKEN: 'token' }, ...options());
  await until('health', async () => (await http(join(folder, 'health'), '/healthz')).status === 200);
  const commandLine = readFileSync(`/proc/${running.pid}/cmdline`, 'utf8').split('\0');
  expect(commandLine).toEqual([process.execPath, ...NODE_FLAGS, expect.stringContaining('dataplane/main.ts'), '']);
  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([0, null]);
  expect(readdirSync(join(folder, 'compiled'))).not.toEqual([]);
});

it.each([
  ['by option', (shared: string) => agent({ GATEHOUSE_AGENT_TOKEN: 'token' }, ...options(), '--compile-cache', shared)],
  [
    'by environment',
    (shared: string) => agent({ GATEHOUSE_AGENT_TOKEN: 'token', NODE_COMPILE_CACHE: shared }, ...options()),
  ],
] as const)('shares compiled sources in a folder named %s', async (_, start) => {
  const shared = join(folder, 'shared');
  const running = start(shared);
  await until('health', async () => (await http(join(folder, 'health'), '/healthz')).status === 200);
  running.kill('SIGTERM');
  await once(running, 'exit');
  expect(readdirSync(shared)).not.toEqual([]);
});

it('says which setting is missing, and what it cannot listen on', async () => {
  expect(await once(agent({}, ...options()), 'close')).toEqual([2, null]);
  expect(said).toContain('GATEHOUSE_AGENT_TOKEN');
  const running = agent({ GATEHOUSE_AGENT_TOKEN: 'token' }, ...options(), '--xds', '192.0.2.1:1');
  expect(await once(running, 'close')).toEqual([1, null]);
  expect(said).toContain('cannot listen on 192.0.2.1:1');
  expect(said).not.toContain('    at ');
});

it('does not fill a folder with files of others', async () => {
  writeFileSync(join(folder, 'thesis.tex'), '');
  const running = agent({ GATEHOUSE_AGENT_TOKEN: 'token' }, ...options());
  expect(await once(running, 'close')).toEqual([2, null]);
  expect(said).toContain('contains other files (thesis.tex)');
  expect(readdirSync(folder)).toEqual(['thesis.tex']);
});

it('does not start on the data folder of another agent, until that one is gone, however it went', async () => {
  const first = agent({ GATEHOUSE_AGENT_TOKEN: 'token' }, ...options());
  await until('health', async () => (await http(join(folder, 'health'), '/healthz')).status === 200);
  const second = agent({ GATEHOUSE_AGENT_TOKEN: 'token' }, ...options());
  expect(await once(second, 'close')).toEqual([1, null]);
  expect(said).toContain(`another process runs on the data folder ${folder}: process ${first.pid}\n`);
  expect(said).not.toContain('    at ');
  first.kill('SIGKILL');
  await once(first, 'exit');
  agent({ GATEHOUSE_AGENT_TOKEN: 'token' }, ...options());
  await until('health', async () => (await http(join(folder, 'health'), '/healthz')).status === 200);
});
