import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../e2e/stack.ts';
import { ROOT } from './build.ts';

test('what docs/operate/deploy-workers.md says to try works, and shows what it says', async () => {
  const text = readFileSync(new URL('docs/operate/deploy-workers.md', ROOT), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'));
  const port = await freePort();
  const script = [...text.matchAll(/^```sh\n([\s\S]+?)^```/gm)]
    .map(([, block = '']) => block)
    .join('')
    .replaceAll('127.0.0.1:8480', `127.0.0.1:${port}`)
    .replaceAll('.gatehouse/worker', folder);
  const bash = spawn('bash', ['--norc', '-eu', '-c', script], {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, GATEHOUSE_LISTEN: `127.0.0.1:${port}`, GATEHOUSE_WORKER_FOLDER: folder },
  });
  let said = '';
  for (const stream of [bash.stdout, bash.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      said += more;
    });
  const closed = new Promise((resolve) => bash.once('close', resolve));
  // The last command stops what the first one started: its output closes only when nothing runs any more.
  const late = setTimeout(() => process.kill(-bash.pid!, 'SIGKILL'), 60_000);
  expect(await closed).toBe(0);
  clearTimeout(late);
  rmSync(folder, { recursive: true });
  const promised = [...text.matchAll(/^ *# → (.+)$/gm)].map(([, words = '']) => words);
  expect(promised).toHaveLength(2);
  for (const words of promised) expect(said).toContain(words);
});

test('a taken port is named, with the setting that moves it, before anything is written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-worker-'));
  const port = await freePort();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
  const { status, stderr } = spawnSync(process.execPath, ['api/workers/dev.node.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, GATEHOUSE_LISTEN: `127.0.0.1:${port}`, GATEHOUSE_WORKER_FOLDER: folder },
  });
  await new Promise((resolve) => holder.close(resolve));
  expect(status).toBe(1);
  expect(stderr).toMatch(/^gatehouse worker: 127\.0\.0\.1:\d+ cannot be opened \(EADDRINUSE\)/);
  expect(stderr).toContain('GATEHOUSE_LISTEN=127.0.0.1:8490 npm run worker:dev');
  expect(stderr).not.toContain('    at ');
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
