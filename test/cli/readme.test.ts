import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, freePorts } from '../e2e/stack.ts';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const readme = readFileSync(file('README.md'), 'utf8');
/** What the examples name, and where this test has it. */
const api = await freePort();
const gateway = await freePort();
const https = await freePort();
const demo = await freePorts(6);
const moved: [string, string][] = [
  ['127.0.0.1:8480', `127.0.0.1:${api}`],
  ['127.0.0.1:10180', `127.0.0.1:${gateway}`],
  ['10443', String(https)],
  ['19081', String(demo + 1)],
];
/** What docs/tasks/tcp-and-udp.md names besides. */
const bound: [string, string][] = [
  ['"bind": 10180', `"bind": ${gateway}`],
  ['19000', String(await freePort())],
];
const ports = {
  '--api-port': api,
  '--http': gateway,
  '--https': https,
  '--demo-port': demo,
  '--agent-port': await freePort(),
};
const flags = Object.entries(ports).flatMap(([flag, port]) => [flag, String(port)]);

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-readme-'));
const up = spawn(process.execPath, [file('cli/gatehouse.mjs'), 'up', '--data', join(folder, '.gatehouse'), ...flags]);
const exited = new Promise((resolve) => up.once('close', resolve));

beforeAll(async () => {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [up.stdout, up.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('Ctrl-C stops everything')) resolve();
      });
    }
    void exited.then(() => reject(new Error(said)));
  });
});
afterAll(async () => {
  up.kill('SIGINT');
  await exited;
  rmSync(folder, { recursive: true });
});

it.each([
  ['README.md', 3, moved],
  ['docs/onboarding.md', 3, moved],
  ['docs/operators.md', 4, moved],
  ['docs/tasks/tcp-and-udp.md', 0, [...moved, ...bound]],
] as const)('every command of %s works in its order, and shows what it says', (page, fewer, places) => {
  const text = readFileSync(file(page), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]+?)^```/gm)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(fewer);
  let script = blocks.join('\n');
  for (const [written, here] of places) script = script.replaceAll(written, here);
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-eu', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  let rest = stdout;
  for (const [, promised = ''] of text.matchAll(/^# → (.+)$/gm)) {
    expect(rest).toContain(promised);
    rest = rest.slice(rest.indexOf(promised) + promised.length);
  }
});

it('names only files that exist and scripts that package.json has', () => {
  for (const [, target = ''] of readme.matchAll(/\]\((?!https?:)([^)]+)\)/g))
    expect(() => readFileSync(file(target)), target).not.toThrow(/ENOENT/);
  const { scripts } = JSON.parse(readFileSync(file('package.json'), 'utf8')) as { scripts: Record<string, string> };
  for (const [, name = ''] of readme.matchAll(/npm (?:run )?(start|test|check|bench)\b/g))
    expect(Object.keys(scripts)).toContain(name);
});
