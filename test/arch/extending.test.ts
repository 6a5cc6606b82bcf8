import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { programOf } from '../../cli/program.ts';
import { ROOT } from './imports.ts';

const page = readFileSync(join(ROOT, 'docs/extending.md'), 'utf8');

it('the example of a command is formatted, imports what it uses, and is a command', async () => {
  const [, code = ''] = /^```ts\n(\/\/ cli\/commands\/nodes\.ts\n[\s\S]+?)^```/m.exec(page) ?? [];
  const source = code.replace(/^.*\n/, '');
  const formatted = spawnSync(
    join(ROOT, 'node_modules/.bin/biome'),
    ['check', '--write', '--stdin-file-path=cli/commands/nodes.ts'],
    { cwd: ROOT, input: source, encoding: 'utf8' },
  );
  expect({ status: formatted.status, output: formatted.stdout }).toEqual({ status: 0, output: source });
  const file = join(mkdtempSync(join(tmpdir(), 'gatehouse-example-')), 'nodes.ts');
  writeFileSync(file, source.replaceAll("'../", `'${ROOT}/cli/`));
  const { nodes } = (await import(file)) as { nodes: Parameters<typeof programOf>[0][number] };
  expect(programOf([nodes], '').commands.map((command) => command.name())).toEqual(['nodes']);
});
