/** The commands of docs/tasks/mutual-tls.md, with curl and openssl. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../e2e/stack.ts';

const run = promisify(execFile);
const page = readFileSync(join(import.meta.dirname, '../../docs/tasks/mutual-tls.md'), 'utf8');

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
  await stack.createTenant('acme');
});
afterAll(() => stack?.stop());

test('every command works in its order, and shows what the page says', async () => {
  const { body: fleet } = await stack.call(`/fleets/${stack.fleet}`);
  expect(fleet.labels).toBeTypeOf('object');
  const script = [...page.matchAll(/^```sh\n([\s\S]+?)^```/gm)]
    .map(([, block = '']) => block)
    .join('')
    .replace('http://127.0.0.1:8480', stack.apiUrl)
    .replace('127.0.0.1:8443', `127.0.0.1:${stack.httpsPort}`)
    .replace('{"ingress": "edge"}', JSON.stringify(fleet.labels));
  const { stdout, stderr } = await run('bash', ['--norc', '-eu', '-c', script], {
    cwd: stack.folder,
    env: { ...process.env, TENANT: stack.operator },
  });
  expect(stderr).toBe('');
  const promised = [...page.matchAll(/^# → (.+)$/gm)].map(([, words = '']) => words);
  expect(promised).toHaveLength(6);
  let rest = stdout;
  for (const words of promised) {
    expect(rest).toContain(words);
    rest = rest.slice(rest.indexOf(words) + words.length);
  }
});
