/**
 * Runs a long test: `npm run drill` lists them, `npm run drill -- NAME …` runs one. Each test is a program in a file of
 * this folder; the file's first comment lists its options.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length));
const fileOf = (name: string) => join(import.meta.dirname, `${name}.ts`);
const [name, ...options] = process.argv.slice(2);

if (name !== undefined && names.includes(name)) {
  const drill = spawn(process.execPath, [fileOf(name), ...options], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => drill.kill(signal));
  drill.on('exit', (code) => process.exit(code ?? 1));
} else {
  for (const drill of names) {
    const [, head = ''] = /^\/\*\*\n(.*?)\*\//s.exec(readFileSync(fileOf(drill), 'utf8')) ?? [];
    process.stdout.write(`${drill}\n${head.replaceAll(/^ \* ?/gm, '  ')}\n`);
  }
  if (name !== undefined) {
    process.stderr.write(`There is no drill '${name}'.\n`);
    process.exitCode = 2;
  }
}
