import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, HostPattern, intersect, matches, patternsCovering } from '../../model/values/host.ts';

/** Compares two patterns: exact hosts first, then deeper wildcards, then `*`; equally specific patterns by name. */
function compareSpecificity(a: HostPattern, b: HostPattern): number {
  return rank(b) - rank(a) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(host: HostPattern): number {
  if (host === '*') return 0;
  return host.startsWith('*.') ? host.split('.').length : Number.MAX_SAFE_INTEGER;
}

describe('a host pattern', () => {
  test.each([
    ['A.Example.COM', 'a.example.com'],
    ['a.example.com:8080', 'a.example.com'],
    ['a.example.com.', 'a.example.com'],
    ['*.Example.com', '*.example.com'],
    ['*', '*'],
    ['localhost', 'localhost'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ])('%s is stored as %s', (written, kept) => expect(HostPattern.parse(written)).toBe(kept));

  test.each([
    'a*.x',
    '*a.x',
    'a.*.x',
    '**.x',
    '*.',
    '.x',
    'a..b',
    '-a.x',
    'a b',
    '',
    'http://a',
    'a/b',
    `${'a'.repeat(64)}.x`,
  ])('%j is rejected', (written) => expect(HostPattern.safeParse(written).success).toBe(false));

  test.each([
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'aexample.com', false],
    ['example.com', 'a.example.com', false],
    ['*', 'anything', true],
  ])('%s matches %s: %s', (pattern, host, expected) => expect(matches(pattern, host)).toBe(expected));
});

test.each([
  ['*.example.com', 'a.example.com', 'a.example.com'],
  ['*', '*.example.com', '*.example.com'],
  ['*.b.example.com', '*.example.com', '*.b.example.com'],
  ['*.example.com', 'example.com', undefined],
  ['a.x', 'b.x', undefined],
])('%s ∩ %s = %s', (a, b, expected) => expect(intersect(a, b)).toBe(expected));

const label = fc.constantFrom('a', 'b', 'c');
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const pattern = fc.oneof(
  host,
  host.map((name) => `*.${name}`),
  fc.constant('*'),
);

describe('for all host patterns', () => {
  test('intersection is commutative, and matches exactly the hosts that both match', () => {
    fc.assert(
      fc.property(pattern, pattern, host, (a, b, name) => {
        const common = intersect(a, b);
        expect(intersect(b, a)).toBe(common);
        expect(common !== undefined && matches(common, name)).toBe(matches(a, name) && matches(b, name));
      }),
      { seed: 1 },
    );
  });

  test('a pattern that covers another matches all its hosts', () => {
    fc.assert(
      fc.property(pattern, pattern, host, (a, b, name) => !covers(a, b) || !matches(b, name) || matches(a, name)),
      { seed: 1 },
    );
  });

  test('patternsCovering lists all patterns that match, the most specific first', () => {
    fc.assert(
      fc.property(host, fc.uniqueArray(pattern), (name, patterns) => {
        const there = [...patternsCovering(name)].filter((each) => patterns.includes(each));
        expect(there).toEqual(patterns.filter((each) => matches(each, name)).sort(compareSpecificity));
      }),
      { seed: 1 },
    );
  });
});
