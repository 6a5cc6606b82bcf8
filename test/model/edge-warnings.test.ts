/** Warnings about conditions that do not match as expected, because the edge normalises requests. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { EscapedSlashes, Gateway } from '../../model/kinds/gateway.ts';
import { normalisePath, withoutEscapedSlashes } from '../../model/matching/path.ts';
import { canonicalPattern } from '../../model/matching/path-pattern.ts';
import { withoutPauses } from '../../model/pausable.ts';
import { matching, refusedByRe2 } from '../../model/regex/regex.ts';
import { sampleOf } from '../../model/regex/sample.ts';
import type { Match } from '../../model/route/match.ts';
import type { Rule } from '../../model/route/rule.ts';

const gateway = (choice?: EscapedSlashes, hosts = ['a.test'], port = 80): Gateway => ({
  selector: { ingress: 'public' },
  servers: [
    {
      port: { number: port, name: 'http', protocol: 'HTTP' },
      hosts,
      ...(choice && { escapedSlashes: choice }),
    },
  ],
});
const to = (upstream: string, match?: Match, more: Partial<Rule> = {}): Rule => ({
  ...(match && { match: [match] }),
  route: [{ destination: { upstream } }],
  ...more,
});
const refuse = (match: Match): Rule => ({ match: [match], directResponse: { status: 403 } });

const configured = (choice: EscapedSlashes | undefined, ...http: Rule[]) =>
  Configuration.fromDocument({
    gateways: { web: gateway(choice) },
    routes: { r: { hosts: ['a.test'], gateways: ['web'], http } },
    upstreams: Object.fromEntries(
      ['app', 'other'].map((name) => [name, { port: 80, endpoints: [{ address: '10.0.0.1' }] }]),
    ),
  });
const warned = (configuration: Configuration, routes?: string[]) =>
  check(configuration, routes && { route: routes }).warnings.map(
    ({ resource, path, code }) => `${code} ${resource}${path}`,
  );

describe('a condition that no request matches', () => {
  test.each<[string, Match, string]>([
    ['an escaped slash', { uri: { exact: '/a%2Fb' } }, 'uri/exact'],
    ['an escaped backslash', { uri: { pathPrefix: '/a%5cb' } }, 'uri/pathPrefix'],
    ['an escaped slash in a prefix', { uri: { prefix: '/a%2f' } }, 'uri/prefix'],
    ['an escaped slash in a pattern', { uri: { regex: '/a%2[fF]b|/a%2fb' } }, 'uri/regex'],
    ['a run of slashes in a pattern', { uri: { regex: '/a//b.*' } }, 'uri/regex'],
    ['dot segments in a pattern', { uri: { regex: '/a/\\.\\./b' } }, 'uri/regex'],
    ['a query in a pattern', { uri: { regex: '/a\\?x=.*' } }, 'uri/regex'],
    ['a class of characters that paths escape', { uri: { regex: '/[äöü]' } }, 'uri/regex'],
    ['a run of slashes in every alternative', { uri: { regex: '/a//b|(/c)?//d' } }, 'uri/regex'],
    ['a run of slashes in a group that must match', { uri: { regex: '/a(//b)+' } }, 'uri/regex'],
    ['an escaped slash in every alternative', { uri: { regex: '/(a%2f|b%5C)c' } }, 'uri/regex'],
    ['a header with underscores', { headers: { x_user: { present: true } } }, 'headers/x_user'],
  ])('has a warning: %s', (_, match, field) =>
    expect(warned(configured(undefined, to('app', match), to('app')))).toEqual([
      `never-matches routes/r/http/0/match/0/${field}`,
    ]),
  );

  test.each<[string, Match]>([
    ['UTF-8', { uri: { exact: '/café' } }],
    ['dot segments', { uri: { exact: '/a/../b' } }],
    ['escapes of letters', { uri: { pathPrefix: '/%61' } }],
    ['an optional slash', { uri: { regex: '/a//?b/+c' } }],
    ['any character', { uri: { regex: '/a/./b(/c)?/[a-z]*' } }],
    ['a pattern in UTF-8', { uri: { regex: '/ä+' } }],
    ['an optional group with a run of slashes', { uri: { regex: '/a(//b)?' } }],
    ['a group that may be repeated', { uri: { regex: '/a(/\\./b)*' } }],
    ['an alternative with dot segments', { uri: { regex: '/a(/\\.\\./b|/c)' } }],
    ['an alternative with a query', { uri: { regex: '/a\\?x=.*|/b' } }],
    ['a repetition of slashes that may be one', { uri: { regex: '/a(?:/){1,2}b' } }],
    ['an escaped slash in an optional group', { uri: { regex: '/a(%2[Ff]b)?' } }],
    ['an escaped slash in an alternative', { uri: { regex: '/a%2Fb|/a/b' } }],
    ['a class with characters that paths have', { uri: { regex: '/[äa]' } }],
    ['a class that need not match', { uri: { regex: '/[ä]?' } }],
  ])('there is no warning for %s', (_, match) =>
    expect(warned(configured(undefined, to('app', match), to('app')))).toEqual([]),
  );

  test('an escaped slash has no warning where a server keeps escaped slashes', () =>
    expect(warned(configured('keep', to('app', { uri: { exact: '/a%2Fb' } })))).toEqual([]));
});

test('no pattern that matches a normalised path has a warning', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      'b',
      '/',
      '/',
      '//',
      '\\.',
      '/\\.\\./',
      '.',
      '.*',
      '[^/]+',
      '[ab]',
      '[éa]',
      '(',
      '(?:',
      ')',
      ')?',
      ')*',
      '|',
    ],
    ...['?', '+', '{0,1}', '\\?', '#', '%2F', '%2[Ff]', '%5c', '%', '2F', 'é', '^', '$', '\\b', '(?i)'],
  );
  const pattern = fc.array(piece, { minLength: 1, maxLength: 9 }).map((pieces) => `/${pieces.join('')}`);
  const character = fc.constantFrom('a', 'b', '/', '.', '%41', '%2F', '%5c', 'é', '//', '%');
  const path = fc.array(character, { maxLength: 5 }).map((all) => normalisePath(`/${all.join('')}`).path);
  let matched = 0;
  fc.assert(
    fc.property(pattern, path, (regex, other) => {
      fc.pre(refusedByRe2(regex) === undefined);
      const canonical = canonicalPattern(regex);
      const sampled = sampleOf(canonical);
      for (const each of [other, ...(sampled === undefined ? [] : [normalisePath(sampled).path])]) {
        // No client sends a fragment.
        if (each.includes('#') || !withoutPauses(matching(canonical, each))) continue;
        matched++;
        const kept = withoutEscapedSlashes(each) !== undefined;
        expect(warned(configured(kept ? 'keep' : undefined, to('app', { uri: { regex } }))), each).toEqual([]);
      }
    }),
    { numRuns: 5000, seed: 16 },
  );
  expect(matched).toBeGreaterThan(500);
});

describe('where escaped slashes are kept, a rule that a wider rule bypasses has a warning', () => {
  const admin = { uri: { pathPrefix: '/admin' } };
  test.each<[string, Rule[]]>([
    ['a refusal', [refuse(admin), to('app')]],
    ['a refusal by pattern', [refuse({ uri: { regex: '/admin/.*' } }), to('app')]],
    ['a refusal inside a prefix', [refuse({ uri: { exact: '/api/keys' } }), to('app', { uri: { prefix: '/api/' } })]],
    ['other headers', [to('app', admin, { headers: { request: { remove: ['x-user'] } } }), to('app')]],
  ])('%s', (_, rules) => {
    const at = 'escaped-slash-guard routes/r/http/0/match/0/uri';
    expect(warned(configured('keep', ...rules))).toEqual([at]);
    expect(warned(configured('redirect', ...rules))).toEqual([]);
    expect(warned(configured('reject', ...rules))).toEqual([]);
  });

  test.each<[string, Rule[]]>([
    ['rules that do the same', [to('app', admin), to('app')]],
    ['rules for different applications', [to('other', admin, { timeout: '3s' }), to('app')]],
    ['a single rule', [to('app')]],
    ['a narrow rule beside another', [refuse(admin), to('app', { uri: { pathPrefix: '/shop' } })]],
  ])('there is no warning for %s', (_, rules) => expect(warned(configured('keep', ...rules))).toEqual([]));

  test('also across routes of one host, whichever of them changed', () => {
    const both = configured('keep', to('app')).with('route', 'guard', {
      hosts: ['*.test', 'a.test'],
      gateways: ['web'],
      http: [refuse(admin)],
    });
    for (const routes of [['r'], ['guard'], ['r', 'guard']])
      expect(warned(both, routes).filter((each) => !each.startsWith('unbound'))).toEqual([
        'escaped-slash-guard routes/guard/http/0/match/0/uri',
      ]);
    expect(warned(both, [])).toEqual([]);
  });

  test('the cost grows with the number of rules, not with the number of pairs', () => {
    const many = (match: (n: number) => Match) => Array.from({ length: 512 }, (_, n) => to('app', match(n)));
    const rules = many((n) => ({ uri: { pathPrefix: `/${'a/'.repeat(400)}${n}` } }));
    expect(warned(configured('keep', ...rules))).toEqual([]);
  });
});

describe('servers that admit one host', () => {
  const conflicts = (...gateways: Gateway[]) =>
    check(
      Configuration.fromDocument({ gateways: Object.fromEntries(gateways.map((each, n) => [`g${n}`, each])) }),
    ).errors.map(({ code, resource, path }) => `${code} ${resource}${path}`);

  test('must agree on escaped slashes', () => {
    const at = 'escaped-slashes-conflict gateways/g1/servers/0/escapedSlashes';
    expect(conflicts(gateway('keep'), gateway('reject'))).toEqual([at]);
    expect(conflicts(gateway('keep'), gateway())).toEqual([at]);
    expect(conflicts(gateway('redirect'), gateway())).toEqual([]);
  });
  test('may differ if their ports, hosts or fleets differ', () => {
    expect(conflicts(gateway('keep'), gateway('reject', ['a.test'], 8080))).toEqual([]);
    expect(conflicts(gateway('keep'), gateway('reject', ['b.test']))).toEqual([]);
    expect(conflicts(gateway('keep'), { ...gateway('reject'), selector: { ingress: 'internal' } })).toEqual([]);
  });
});
