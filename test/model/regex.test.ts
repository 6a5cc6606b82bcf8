import { describe, expect, test } from 'vitest';
import { withoutPauses } from '../../model/pausable.ts';
import { matching, refusedByRe2 } from '../../model/regex/regex.ts';
import { parse } from '../../model/violations.ts';

const matcher = (pattern: string, ignoreCase?: boolean) => (text: string) =>
  withoutPauses(matching(pattern, text, ignoreCase));

describe('a pattern', () => {
  test.each([
    ['(?=a)', /look-around/],
    ['(?!a)', /look-around/],
    ['(?<=a)', /look-around/],
    ['(?<!a)', /look-around/],
    ['(a)\\1', /back-reference/],
    ['(?P<n>a)\\k<n>', /back-reference/],
    ['(?>a)', /atomic/],
    ['a++', /invalid nested repetition operator: `\+\+`/],
    ['a**', /invalid nested repetition/],
    ['[', /missing closing \]/],
    ['(', /missing closing \)/],
    [')', /unexpected \)/],
    ['é(', /missing closing \): `é\(`/],
    ['*', /missing argument/],
    ['\\', /trailing backslash/],
    ['[b-a]', /invalid character class range: `b-a`/],
    ['[[:letter:]]', /invalid character class range/],
    ['[\\b]', /invalid escape sequence: `\\b`/],
    ['\\Z', /invalid escape/],
    ['\\u0041', /invalid escape/],
    ['\\C', /invalid escape/],
    ['\\é', /invalid escape/],
    ['(?<a-b>a)', /invalid named capture/],
    ['(?P<n>a)(?P<n>b)', /duplicate/],
    ['(?x)a', /unsupported Perl syntax/],
    ['a{1001}', /invalid repeat count/],
    ['a{2,1}', /invalid repeat count/],
    ['(a{100}){11}', /invalid repeat count/],
    ['\\p{Alphabetic}', /no property \\p\{Alphabetic\}/],
    ['\\P{^Lowercase}', /no property/],
    ['[\\p{LC}]', /no property/],
    ['\\p{Letter}', /invalid character class range/],
    ['\\p{Script=Greek}', /invalid character class range/],
    ['\\p{greek}', /invalid character class range/],
    ['\\p{Garay}', /no property/],
    ['\\x{10ffff}', /more than one byte/],
    ['[a-\\x{100}]', /more than one byte/],
    ['\\400', /more than one byte/],
    ['a\\Q(', /\\Q needs \\E/],
    ['\\Qa\\E\\Q', /\\Q needs \\E/],
    ['\\pL{1000}', /too large/],
    ['(a{10}b{10}){100}(a{10}b{10}){100}', /too large/],
    ['a{999}'.repeat(170), /too large/],
    ['(?:a?){1000}'.repeat(80), /too large/],
    [`[${'\\pL'.repeat(300)}]`, /too large/],
    [`(?i)[${'\\p{Greek}'.repeat(110)}]{1000}`, /too large/],
    ['a'.repeat(1025), /at most 1024 characters/],
  ])('%s is rejected with a reason', (pattern, reason) => expect(refusedByRe2(pattern)).toMatch(reason));

  test.each([
    '/[^/]{1,900}',
    'a{1000}',
    'a'.repeat(1024),
    '('.repeat(500) + ')'.repeat(500),
    '\\pL+',
    '\\p{^Greek}',
    '[[:^alpha:]_]',
    '\\x{ff}\\xff\\377\\07\\12',
    '\\Q[(\\E',
    '(?P<a>x)(?<b>y)',
    '(?i-s:a)',
    'a||b',
    '()',
    'a{,2}',
    '日本{2}',
    '[é]',
  ])('%s is accepted', (pattern) => expect(refusedByRe2(pattern)).toBeUndefined());

  test.each([
    ['/v[0-9]+/.*', '/v1/x', true],
    ['/a', '/ab', false],
    ['b', 'ab', false],
    ['a|ab', 'ab', true],
    ['(?i)/A', '/a', true],
    ['[[:digit:]]+', '123', true],
    ['(?P<year>\\d{4})', '2024', true],
    ['\\d', '٣', false],
    ['[^/]+', 'a/b', false],
    ['[]a]', ']', true],
    ['a\\-b\\.c', 'a-b.c', true],
    ['{a}', '{a}', true],
    ['.', '\n', false],
    ['a$', 'a\n', false],
    // Envoy matches bytes.
    ['é', 'é', true],
    ['.', 'é', false],
    ['..', 'é', true],
    ['[é]', 'é', false],
    ['\\x{c3}\\xa9', 'é', true],
    ['é+', 'éé', false],
  ])('%s matches %j: %s', (pattern, text, expected) => expect(matcher(pattern)(text)).toBe(expected));

  test('ignores case on request', () => {
    expect(matcher('/A[b-d]', true)('/aC')).toBe(true);
    expect(matcher('/A[b-d]')('/aC')).toBe(false);
  });

  // A backtracking engine would take years.
  test('matches in linear time', () => expect(matcher('(a+)+b|(a|aa)*c|(.*)*d')('a'.repeat(20_000))).toBe(false));
});

describe('the patterns of a route', () => {
  const route = (matches: object[]) => ({
    hosts: ['a.x'],
    gateways: ['g'],
    http: [{ match: matches, directResponse: { status: 200 } }],
  });
  const violations = (matches: object[]) => {
    const parsed = parse('route', 'it', route(matches));
    return parsed.ok ? [] : parsed.violations.map(({ path, code }) => [path, code]);
  };

  test('are rejected, each with its pointer', () =>
    expect(
      violations([
        { uri: { regex: '\\p{Alphabetic}' } },
        { headers: { 'X-A': { regex: '[\\b]' } }, withoutHeaders: { 'x-b': { regex: '(?!x)' } } },
        { method: { regex: 'G(ET' }, queryParams: { q: { regex: '\\x{10ffff}' } } },
      ]),
    ).toEqual([
      ['/http/0/match/0/uri/regex', 'invalid-regex'],
      ['/http/0/match/1/headers/X-A/regex', 'invalid-regex'],
      ['/http/0/match/1/withoutHeaders/x-b/regex', 'invalid-regex'],
      ['/http/0/match/2/method/regex', 'invalid-regex'],
      ['/http/0/match/2/queryParams/q/regex', 'invalid-regex'],
    ]));

  test('are limited together, before any is parsed', () => {
    const large = Array.from({ length: 60 }, (_, index) => ({ uri: { regex: `(${index}a{0,900}` } }));
    expect(violations(large)).toEqual([['/http', 'too-big']]);
    expect(violations(large.slice(0, 1))).toEqual([['/http/0/match/0/uri/regex', 'invalid-regex']]);
  });

  test('of many rules are accepted', () => {
    const http = Array.from({ length: 500 }, (_, index) => ({
      match: [{ uri: { regex: `/api/v[0-9]+/items/${index}/[^/]+` } }],
      directResponse: { status: 200 },
    }));
    expect(parse('route', 'it', { ...route([]), http })).toMatchObject({ ok: true });
  });

  test.each([
    [[]],
    [null],
    ['x'],
    [{ http: 1 }],
    [{ http: [null, { match: 7 }, { match: [null, { uri: 1, headers: [] }] }] }],
  ])('are found in input of any shape: %j', (body) => expect(parse('route', 'it', body)).toMatchObject({ ok: false }));
});
