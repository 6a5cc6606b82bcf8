import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.ts';
import { importsOf, ROOT, sourcesOf } from './imports.ts';

const files = sourcesOf('cli/commands').filter((file) => basename(file) !== 'index.ts');

it('every command has a file of its own, and every file is in the list of commands', async () => {
  for (const file of files) {
    const exported = Object.values((await import(pathToFileURL(`${ROOT}/${file}`).href)) as Record<string, unknown>);
    expect(exported, file).toHaveLength(1);
    expect(COMMANDS, `${file} is not in cli/commands/index.ts`).toContain(exported[0]);
  }
  expect(COMMANDS).toHaveLength(files.length);
});

it('is named by the words of its command', () => {
  const named = COMMANDS.map(({ path }) => `cli/commands/${path.replaceAll(' ', '-')}.ts`);
  expect(named.sort()).toEqual(files);
});

it('the start of a command loads no other command: nothing but commander and small files', () => {
  const all = ['cli', 'api', 'dataplane', 'demo', 'model', 'openapi']
    .flatMap(importsOf)
    .filter(({ how }) => how === 'load');
  const loaded = new Set(['cli/main.ts']);
  for (const file of loaded) for (const { from, to } of all) if (from === file) loaded.add(to);
  const ours = [...loaded].filter((name) => !/^cli\/(commands\/|process\/|\w+\.ts$)/.test(name));
  // The two lists of Node's flags, the default ports, the guess of a misspelled name, the class of an error, and the
  // printer.
  const small = [
    'api/node-flags.ts',
    'dataplane/node-flags.ts',
    'cli/up/default-ports.ts',
    'demo/bookinfo/ports.ts',
    'cli/terminal/print.ts',
    'model/suggest.ts',
    'model/values/hidden-characters.ts',
    'wire/wrong-setting.ts',
    'commander',
  ];
  expect(ours.filter((name) => !name.startsWith('node:') && !small.includes(name))).toEqual([]);
});

it('only the printer writes to a terminal, and commands whose output is input for a program', () => {
  const sources = sourcesOf('cli').filter((file) => file.endsWith('.ts'));
  const writing = sources.filter((file) =>
    /console\.|process\.std(out|err)\.write/.test(readFileSync(`${ROOT}/${file}`, 'utf8')),
  );
  expect(writing.sort()).toEqual([
    'cli/commands/agent-bootstrap.ts',
    'cli/commands/audit-export.ts',
    'cli/commands/completion.ts',
    'cli/terminal/progress.ts',
  ]);
});
