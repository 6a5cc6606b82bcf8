/** The estimated cost of patterns. docs/decisions/0029-pattern-costs.md has what Envoy was measured to need. */
import { describe, expect, test } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { costOfPatterns, patternCosts } from '../../model/matching/pattern-costs.ts';
import { patternsOfRoute } from '../../model/matching/patterns.ts';
import { withoutPauses } from '../../model/pausable.ts';
import { patternCost } from '../../model/regex/cost.ts';
import type { Match } from '../../model/route/match.ts';
import type { Rule } from '../../model/route/rule.ts';

const MIB = 1024 * 1024;
const IPV4 = String.raw`/((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)/.*`;
const words = Array.from({ length: 100 }, (_, i) => `w${i * 7919}`);

describe('a pattern that RE2 needs few states for is cheap', () => {
  test.each([
    ['a path with a number', '/api/v[0-9]+/users/[^/]+/posts'],
    ['an ending', String.raw`.*\.(?:jpe?g|png|gif|webp|svg)`],
    ['words anywhere', '.*foo.*bar.*baz.*'],
    ['a UUID', '/orders/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'],
    ['a UUID anywhere', '.*/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'],
    ['a label', '/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/.*'],
    ['an address', IPV4],
    ['a list of words', `/(${words.join('|')})(/.*)?`],
    ['a bearer token', 'Bearer [A-Za-z0-9._~+/-]+=*'],
    ['a user agent', '(?i).*(googlebot|bingbot|yandex|baidu|duckduck|slurp).*'],
    ['a cookie', '(.*;\\s*)?session=[^;]+(;.*)?'],
    ['a language', '/(?:[a-z]{2}(?:-[A-Z]{2})?)/.*'],
    ['parameters of segments', '/(;[^/]*/)*admin(;.*|/.*)?'],
    ['many of one kind', '/.{1000}'],
  ])('%s', (_, pattern) => {
    const { time, memory } = patternCost(pattern);
    expect(time).toBeLessThan(2_000);
    expect(memory).toBeLessThan(MIB / 2);
  });
});

describe('a pattern with very many states is expensive', () => {
  test.each([
    ['a repetition after a wildcard', '.*a.{20}b'],
    ['a class instead of the wildcard', '[^/]*a[^/]{16}b'],
    ['pieces instead of a repetition', '.*a................b'],
    ['two counted repetitions', '.{0,60}a.{0,60}b.{0,60}c'],
    ['alternatives', '(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)'],
    ['a long repetition', '.*[ab].{301}g.*'],
  ])('%s', (_, pattern) => {
    const { time, memory } = patternCost(pattern);
    expect(time).toBeGreaterThan(4_000);
    expect(memory).toBeGreaterThan(2 * MIB);
  });
});

test('what RE2 rejects costs nothing, for nobody gets it', () =>
  expect(patternCost('(')).toEqual({ time: 0, memory: 0 }));

const route = (match: Match[], more: Partial<Rule> = {}) => ({
  hosts: ['a.test'],
  gateways: ['web'],
  http: [{ match, directResponse: { status: 200 }, ...more }],
});

describe('the patterns of a route', () => {
  test('in every field', () =>
    expect(
      patternsOfRoute(
        route([
          { uri: { pathPrefix: '/a' } },
          {
            uri: { regex: '/é' },
            ignoreUriCase: true,
            method: { regex: 'G' },
            headers: { 'a/b': { regex: 'h' }, regex: { exact: 'x' } },
            withoutHeaders: { w: { regex: 'w' } },
            queryParams: { q: { regex: 'q' } },
          },
        ]),
      ),
    ).toEqual([
      { pattern: '(?i)/%[Cc]3%[Aa]9', path: '/http/0/match/1/uri/regex' },
      { pattern: 'G', path: '/http/0/match/1/method/regex' },
      { pattern: 'h', path: '/http/0/match/1/headers/a~1b/regex' },
      { pattern: 'w', path: '/http/0/match/1/withoutHeaders/w/regex' },
      { pattern: 'q', path: '/http/0/match/1/queryParams/q/regex' },
    ]));

  test('with those that Envoy gets for paths with escapes, and for rewrites', () =>
    expect(
      patternsOfRoute({
        http: [
          { match: [{ uri: { prefix: '/a%2Fb' } }, { uri: { exact: '/a%25' } }], directResponse: { status: 200 } },
          { match: [{ uri: { prefix: '/off' } }], rewrite: { uri: '/' }, route: [] },
        ],
      }),
    ).toEqual([
      { pattern: '/a%2[Ff]b.*', path: '/http/0/match/0/uri/prefix' },
      { pattern: expect.stringContaining('/off'), path: '/http/1/rewrite/uri' },
    ]));

  test('of a route without patterns: none', () => {
    const plain = route([{ uri: { exact: '/a' }, headers: { x: { prefix: 'y' } } }]);
    expect(patternsOfRoute(plain)).toEqual([]);
    expect(costOfPatterns('route', plain)).toEqual({ time: 0, memory: 0 });
  });
});

test('the cost of a host includes all routes that cover it; the memory includes every host', () => {
  const of = (...hosts: string[]) => ({ ...route([{ uri: { regex: '/[0-9]+' } }]), hosts });
  const { time, memory } = patternCost('/[0-9]+');
  const costs = withoutPauses(
    patternCosts(
      Configuration.fromDocument({
        gateways: {
          web: {
            selector: { a: 'b' },
            servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.test', 'c.test'] }],
          },
        },
        routes: {
          one: of('a.test', 'a.test'),
          wide: of('*.test', 'b.test'),
          plain: { ...route([{}]), hosts: ['d.test'] },
        },
      }),
    ),
  );
  for (const [host, times] of [
    ['a.test', 2],
    ['b.test', 1],
    ['*.test', 1],
    ['e.test', 1],
    ['test', 0],
  ] as const)
    expect(costs.of(host)).toEqual({ time: times * time, memory: times * memory });
  // Routes are loaded for *.test, a.test (twice the patterns), b.test, c.test and d.test.
  expect(costs.memory).toBe(6 * memory);
  expect(costs.slowest).toEqual({ host: 'a.test', time: 2 * time });
});
