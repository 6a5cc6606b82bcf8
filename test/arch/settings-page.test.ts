import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Variables } from '../../api/settings.ts';
import { VARIABLES } from '../../dataplane/settings.ts';
import { PAGES } from '../../docs/generate/pages.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(ROOT, 'docs/reference/settings.md'), 'utf8');
const namesIn = (text: string): string[] => [...text.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
const section = (title: string): string => page.split(/^## /m).find((text) => text.startsWith(title))!;

it('docs/reference/settings.md lists the variables that the schemas read, and no others', () => {
  expect(namesIn(section('`gatehouse api`')).sort()).toEqual(Object.keys(Variables.shape).sort());
  const agent = Object.values(VARIABLES).map(({ name }) => name);
  expect(namesIn(section('`gatehouse agent`')).sort()).toEqual(agent.sort());
});

it.each(Object.keys(PAGES))('%s is what `npm run pages` writes', (name) =>
  expect(readFileSync(join(ROOT, name), 'utf8')).toBe(PAGES[name]!()),
);

it('no source file reads a variable that docs/reference/settings.md does not list', () => {
  const listed = new Set([...namesIn(page), 'GATEHOUSE_REEXECUTED']);
  const unlisted = ['api', 'dataplane', 'cli'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|mjs)$/.test(file))
      .flatMap((file) => readFileSync(join(ROOT, folder, file), 'utf8').match(/\bGATEHOUSE_[A-Z_]+\b/g) ?? [])
      .filter((name) => !listed.has(name)),
  );
  expect(unlisted).toEqual([]);
});

it.each([
  ['api', ['GATEHOUSE_STORE', 'GATEHOUSE_LISTEN', 'GATEHOUSE_OPERATOR_TOKEN', 'GATEHOUSE_SEALING_KEYS']],
  ['agent', Object.values(VARIABLES).flatMap(({ name, option }) => (option ? [name] : []))],
])('the help of %s names the common variables, and the page for all', (command, common) => {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, 'cli/gatehouse.mjs'), command, '--help'], {
    encoding: 'utf8',
  });
  const named = stdout.match(/\bGATEHOUSE_[A-Z_]+\b/g) ?? [];
  expect(named).toEqual(expect.arrayContaining(common));
  expect(namesIn(page)).toEqual(expect.arrayContaining(named));
  expect(stdout).toContain('docs/reference/settings.md');
});
