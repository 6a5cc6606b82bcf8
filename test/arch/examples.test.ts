/** What readers can paste: the examples of the pages, in a terminal with bash or zsh. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const pages = ['README.md', ...globSync('docs/{*,tasks/*,operate/*}.md', { cwd: ROOT })].map((name) => {
  const text = readFileSync(join(ROOT, name), 'utf8');
  return {
    name,
    text,
    lines: [...text.matchAll(/^ *```sh\n([\s\S]+?)^ *```/gm)].flatMap(([, sh = '']) => sh.split('\n')),
  };
});
const found = (pattern: RegExp) =>
  pages.flatMap(({ name, lines }) => lines.filter((line) => pattern.test(line)).map((line) => `${name}: ${line}`));

// An interactive zsh runs comments as commands, unless it has the option `interactive_comments`.
it('no comment contains anything that zsh would run, or a quote that it would wait to be closed', () => {
  expect(found(/^ *# (?!→).*[`$'";&|]/)).toEqual([]);
});

it('no example waits without an end', () => {
  expect(found(/\b(until|while) /)).toEqual([]);
});

it('a page that starts a process in the background also stops it', () => {
  const starting = pages.filter(({ lines }) => lines.some((line) => / &$/.test(line)));
  expect(starting.length).toBeGreaterThan(3);
  expect(starting.filter(({ text }) => !/\bkill ["$]/.test(text)).map(({ name }) => name)).toEqual([]);
});

// The registry of npm has a package of that name, by somebody else.
it('a page with `npx gatehouse` says that it runs in a checkout', () => {
  const running = pages.filter(({ text }) => text.includes('npx gatehouse'));
  expect(running.filter(({ text }) => !text.includes('checkout')).map(({ name }) => name)).toEqual([]);
});
