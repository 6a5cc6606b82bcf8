import type { Random } from './random.ts';
import { text } from './values.ts';

// biome-ignore format: one line each would be a page
const atoms = [
  'a', 'Z', 'k', '1', '/', '-', '.', '^', '$', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '\\A', '\\z', '\\Z', '\\n', '\\a', '\\v', '\\e', '\\0', '\\07',
  '\\1', '\\12', '\\123', '\\377', '\\400', '\\x41', '\\xff', '\\x{41}', '\\x{ff}', '\\x{100}', '\\x{10ffff}', '\\x{}', '\\xg', '\\u0041', '\\cA', '\\pL', '\\PL',
  '\\p{Greek}', '\\P{^Latin}', '\\p{^Lu}', '\\p{Alphabetic}', '\\p{Any}', '\\p{Cn}', '\\p{LC}', '\\p{Letter}', '\\p{Garay}', '\\pé', '\\p{', '\\C', '\\G', '\\K',
  '\\k<a>', '\\Qa+b\\E', '\\Q(', '\\E', '\\_', '\\-', '\\é', '\\\\', 'é', '日', '😀', 'ß', 'µ', 'K', 'ſ', '\n', '\ud800', '{', '}', '{1', '{,2}', '{2}', '{0}', '{1001}',
  '{3,2}', '{1000}', '{01}', ']', '[', ')', '(', '|', '*', '+', '?', '**', '+?', '??', '?+', '{2}{3}', '(?:', '(?i)', '(?s)', '(?m)', '(?U)', '(?x)', '(?-i)', '(?i-s:',
  '(?', '(?P<n>', '(?<n>', '(?P=n)', '(?<é>', '(?=', '(?!', '(?<=', '(?<!', '(?>', '(?|', '(?#', '(?--i)', '()', '(|a)', '[a]', '[^a]', '[]a]', '[^]a]', '[]', '[^]',
  '[a-z]', '[z-a]', '[a-]', '[a-b-c]', '[a-\\d]', '[\\b]', '[\\Q]', '[^\\pL]', '[\\PN\\p{Greek}]', '[[:alpha:]]', '[[:^alpha:]]', '[[:foo:]]', '[[:alpha:]', '[é]',
  '[\\x{100}]', '[\\x00-\\xff]', '[&&[a]]', '[\\400]', '[\\é]', '[\\d\\D]', '[^\\d\\D]', '[\n]', '[a-é]', '[^\\n]',
];
// biome-ignore format: one line each would be a page
const quantifiers = ['*', '+', '?', '{2}', '{3,5}', '{0,9}', '{4,}', '{20}', '{100}', '{1000}', '{1,30}', '{0,900}', '*?', '+?', '??', '{7}?'];
const characters = [...'abz019./-_(){}[]|*+?^$\\\\\\\\dDwWsSbBpPLxXAzQECkKnNi<>=!:,&#é日'];

/** Generates patterns, from valid ones to noise. Envoy must accept the patterns that pass `check`. */
export function pattern(random: Random): string {
  const kind = random.below(20);
  if (kind < 4)
    return random.pick([
      '/v[0-9]+/.*',
      '[^/]+',
      '.*',
      '(foo|bar|baz)',
      '/api/(?P<id>[a-f0-9-]{36})',
      '\\d{1,9}',
      'a{1000}',
      '/[^/]{1,900}',
    ]);
  if (kind < 6) return random.some(1, 10, () => random.pick(characters)).join('');
  if (kind < 7) return text(random);
  return tree(random, 1 + random.below(6));
}

function tree(random: Random, depth: number): string {
  const kind = random.below(10);
  if (depth <= 0 || kind < 4) return random.pick(atoms);
  if (kind < 6) return tree(random, depth - 1) + tree(random, depth - 1);
  if (kind < 7) return `(${random.chance(50) ? '' : '?:'}${tree(random, depth - 1)})`;
  if (kind < 9) return `(?:${tree(random, depth - 1)})${random.pick(quantifiers)}`;
  return `${tree(random, depth - 1)}|${tree(random, depth - 1)}`;
}
