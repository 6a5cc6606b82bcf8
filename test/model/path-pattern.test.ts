import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalPattern } from '../../model/matching/path-pattern.ts';
import { withoutPauses } from '../../model/pausable.ts';
import { matching, refusedByRe2 } from '../../model/regex/regex.ts';

const matcher = (pattern: string) => (text: string) => withoutPauses(matching(pattern, text));

test.each([
  ['/a/.*', '/a/.*'],
  ['/é', '/%[Cc]3%[Aa]9'],
  ['/é+x', '/(?:%[Cc]3%[Aa]9)+x'],
  ['(?P<n>é)', '(?P<n>%[Cc]3%[Aa]9)'],
  ['/%41%2e%c3%2F', '/A\\.%[Cc]3%2[Ff]'],
  ['/%41+', '/%41+'],
  ['/[é%41]', '/[é%41]'],
  ['[]%c3]%c3', '[]%c3]%[Cc]3'],
  ['[[:alpha:]%41]%41', '[[:alpha:]%41]A'],
  ['\\Qa.é\\E%41', '\\Qa\\E\\Q.\\E%[Cc]3%[Aa]9A'],
  ['a{2}é{2}', 'a{2}(?:%[Cc]3%[Aa]9){2}'],
  ['"\\{\\}<', '%22%7[Bb]%7[Dd]%3[Cc]'],
  ['\\pL\\p{Lu}\\x41\\x{41}\\d', '\\pL\\p{Lu}\\x41\\x{41}\\d'],
])('the canonical form of %s is %s', (written, canonical) => {
  expect(refusedByRe2(written)).toBeUndefined();
  expect(canonicalPattern(written)).toBe(canonical);
});

const piece = fc.constantFrom(
  ...['a', 'b', '/', '.', '.*', '[ab]', '[^/]+', '(a|b)', '(?:', ')', '|', '?', '*', '+', '{2}', '{1,}', '^', '$'],
  ...['\\.', '\\d', '\\pL', '\\Q', '\\E', '[', ']', '[]a]', '%', '%41', '%c3', '%2F', 'é', '日', '"', '\\{', '(?i)'],
);
const pattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

test('RE2 accepts the canonical form of every pattern that it accepts', () => {
  fc.assert(
    fc.property(pattern, (written) => {
      fc.pre(written !== '' && refusedByRe2(written) === undefined);
      expect(refusedByRe2(canonicalPattern(written)), canonicalPattern(written)).toBeUndefined();
    }),
    { numRuns: 3000, seed: 15 },
  );
});

test('the canonical form of a pattern without escapes matches the same texts', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', '/', '.', '%', '4', '1'), { maxLength: 6 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(pattern, text, (written, path) => {
      fc.pre(written !== '' && /^[^%é日"{]*$/.test(written) && refusedByRe2(written) === undefined);
      expect(matcher(canonicalPattern(written))(path)).toBe(matcher(written)(path));
    }),
    { numRuns: 3000, seed: 15 },
  );
});
