import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PRODUCT, sourcesOf, textOf } from './imports.ts';

/** Phrases that a reader who is new to the project does not understand at first reading, and what to write instead. */
const BANNED: readonly [phrase: RegExp, instead: string][] = [
  [/\blet(s)? go of\b/i, 'evict or release'],
  [/\banew\b/i, 'again'],
  [/\b(goes|go|went) on (from|with|at|until|where)\b/i, 'resume, continue'],
  [/\b(is|are|was|were|be) told\b/i, 'say who reports what to whom'],
  [/\bheld together\b/i, 'say what connects the parts'],
  [/\bof its own accord\b/i, 'automatically, or name the cause'],
  [
    /\b(one|each|twice|a line|statement|object|row) a (fleet|tenant|request|response|batch|call|line|name|node|host)\b/i,
    'per',
  ],
];

/** The text of comments: the rest of a line after `//`, and the lines that begin with `*` or with the opening of a comment. */
const COMMENT = /^\s*(?:\/\*\*?|\*)(.*)$|(?:^|\s)\/\/ (.*)$/;

const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

function found(file: string, lines: readonly string[]): string[] {
  return lines.flatMap((line, index) =>
    BANNED.filter(([phrase]) => phrase.test(line)).map(
      ([phrase, instead]) => `${file}:${index + 1}: ${phrase.exec(line)![0]} (write: ${instead})`,
    ),
  );
}

it('comments contain no phrase that only insiders understand', () => {
  const comments = (file: string) =>
    textOf(file)
      .split('\n')
      .map((line) => COMMENT.exec(line)?.slice(1).join('') ?? '');
  expect([...PRODUCT, 'bench'].flatMap(sourcesOf).flatMap((file) => found(file, comments(file)))).toEqual([]);
});

it('the documentation contains none either', () => {
  const files = ['README.md', 'CONTRIBUTING.md', ...pages];
  expect(files.flatMap((file) => found(file, readFileSync(file, 'utf8').split('\n')))).toEqual([]);
});
