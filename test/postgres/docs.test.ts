import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { freePort } from '../e2e/stack.ts';
import { sql } from './server.ts';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'docs/operate/deploy-postgres.md'), 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]+?)^\`\`\``, 'gm'))].map(([, block = '']) => block);

test('every command of docs/operate/deploy-postgres.md works in its order, and shows what it says', async () => {
  const server = new URL(inject('postgres')!);
  server.pathname = '/postgres';
  for (const statement of blocks('sql').join('').split(';\n').filter(Boolean)) await sql(server.href, statement);

  // The server is where this run has it; the replica, which it has not, need not be there.
  const ports = { 8485: await freePort(), 8486: await freePort(), 8487: await freePort() };
  const script = blocks('sh')
    .join('\n')
    .replaceAll(
      /@db\.internal:5432\/gatehouse\?sslmode=verify-full/g,
      `@localhost/gatehouse?host=${server.searchParams.get('host')}`,
    )
    .replaceAll(/\b848[567]\b/g, (port) => String(ports[port as unknown as keyof typeof ports]))
    .replaceAll('node cli/gatehouse.mjs', `${process.execPath} ${join(root, 'cli/gatehouse.mjs')}`);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'));
  const bash = spawn('bash', ['--norc', '-eu', '-c', `${script}\nkill $(jobs -p)\nwait`], { cwd: folder });
  let said = '';
  for (const stream of [bash.stdout, bash.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      said += more;
    });
  await new Promise((resolve) => bash.once('close', resolve));
  rmSync(folder, { recursive: true });

  const promised = [...text.matchAll(/^ *# → (.+)$/gm)].map(([, words = '']) => words);
  expect(promised.length).toBe(2);
  for (const words of promised) expect(said).toContain(words);
  expect(said.split('"status":"ok"')).toHaveLength(4);
}, 90_000);
