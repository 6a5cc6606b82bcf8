import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tenantWithRoute } from '../api/harness.ts';
import { serve } from './database.ts';

const ROOT = join(import.meta.dirname, '..', '..');

// Each command is a process of its own, and a busy machine starts them slowly.
test('every command of docs/operate/backup.md works in its order, and shows what it says', {
  timeout: 180_000,
}, async () => {
  const text = readFileSync(join(ROOT, 'docs/operate/backup.md'), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'));
  const api = await serve(`sqlite:${join(folder, '.gatehouse/api.sqlite')}`);
  await tenantWithRoute(api, 'acme');
  await api.close();

  const script = [...text.matchAll(/^```sh\n([\s\S]+?)^```/gm)].map(([, block = '']) => block).join('');
  const command = `${process.execPath} ${join(ROOT, 'cli/gatehouse.mjs')}`;
  const { GATEHOUSE_STORE: _, ...env } = process.env;
  const bash = spawnSync('bash', ['--norc', '-eu', '-c', script.replaceAll('npx gatehouse', command)], {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  expect(bash).toMatchObject({ status: 0, stderr: '' });
  const promised = [...text.matchAll(/^# → (.+)$/gm)].map(([, words = '']) => words);
  expect(promised).toHaveLength(6);
  for (const words of promised) expect(bash.stdout).toContain(words);
  rmSync(folder, { recursive: true });
});
