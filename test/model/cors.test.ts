import { describe, expect, test } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { type RankedRule, splitAtCatchAll } from '../../model/matching/precedence.ts';
import { stepsOf } from '../../model/matching/preflight.ts';
import type { Match } from '../../model/route/match.ts';
import { Rule } from '../../model/route/rule.ts';

const route = [{ destination: { upstream: 'u' } }];
const problems = (cors: object, more: object = {}) =>
  (Rule.safeParse({ cors, route, ...more }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('/')} ${message}`,
  );
const allowing = (origin: object, more: object = {}) => problems({ allowOrigins: [origin], ...more });

describe('an origin', () => {
  test.each([
    ['https://shop.test', undefined],
    ['http://localhost:3000', undefined],
    ['http://[::1]:3000', undefined],
    ['chrome-extension://abcdef', undefined],
    ['null', undefined],
    ['*', undefined],
    ['shop.test', 'begins without a scheme'],
    ['https://shop.test/', 'has no path'],
    ['https://Shop.test', 'in lower case'],
    ['https://shop.test:443', 'default port'],
    ['http://shop.test:80', 'default port'],
    ['https://*.shop.test', 'write a regex'],
    ['https://shop .test', 'is no origin'],
  ])('%s', (exact, wrong) => {
    const found = allowing({ exact });
    if (wrong === undefined) expect(found).toEqual([]);
    else expect(found[0]).toMatch(new RegExp(`^cors/allowOrigins/0/exact .*${wrong}`));
  });

  test.each(['.*', 'https://a\\.test|.*', '[*]', '(?s).+'])(
    'is no pattern that Envoy reads as every origin: %s',
    (regex) => expect(allowing({ regex })[0]).toMatch('cors/allowOrigins/0/regex matches the text "*"'),
  );

  test('begins with a scheme', () => expect(allowing({ prefix: '*' })[0]).toMatch('must begin with a scheme'));
});

describe('credentials need listed origins and names', () => {
  const withCredentials = { allowCredentials: true };
  test.each([
    { exact: '*' },
    { exact: 'null' },
    { prefix: 'https://' },
    { prefix: 'https://shop.test' },
    { regex: 'https?://.*' },
    { regex: 'https://[a-z.]+' },
    { regex: '(?i)HTTPS://.*' },
    { regex: 'https://.*shop\\.test' },
    { regex: 'https://.*.acme.com' },
    { regex: 'https://www.acme\\.com' },
    { regex: 'https://[a-z]*-app\\.acme\\.com(:\\d+)?' },
  ])('not %j', (origin) =>
    expect(allowing(origin, withCredentials)[0]).toMatch('allowCredentials, any site could read'),
  );

  test.each([
    { exact: 'https://shop.test' },
    { prefix: 'http://localhost:' },
    { regex: 'https://([a-z]+\\.)?shop\\.test' },
    { regex: 'https://.*\\.shop\\.test(:\\d+)?' },
    { regex: 'https://(www|app)\\.shop\\.test' },
    { regex: 'https://app-[0-9]+\\.shop\\.test' },
  ])('but %j', (origin) => expect(allowing(origin, withCredentials)).toEqual([]));

  test('not * as a name', () =>
    expect(allowing({ exact: 'https://a.test' }, { ...withCredentials, allowHeaders: ['x-a', '*'] })).toEqual([
      'cors/allowHeaders/1 browsers read * as a plain name with allowCredentials; list the names',
    ]));
});

test('names and ages that have no effect are rejected', () => {
  const origin = { exact: '*' };
  expect(allowing(origin, { allowMethods: ['patch'] })).toEqual([
    'cors/allowMethods/0 methods are case-sensitive: write PATCH',
  ]);
  expect(allowing(origin, { allowHeaders: ['x a'] })).toEqual(['cors/allowHeaders/0 is no header name']);
  expect(allowing(origin, { maxAge: '1500ms' })).toEqual(['cors/maxAge must be whole seconds']);
  const set = { 'Access-Control-Allow-Origin': '*' };
  expect(problems({ allowOrigins: [origin] }, { headers: { response: { set } } })).toEqual([
    'headers/response/set/access-control-allow-origin is written by cors',
  ]);
});

test('a rule that answers itself gets a route per condition and origin, up to a limit', () => {
  const allowOrigins = Array.from({ length: 30 }, (_, n) => ({ exact: `https://a${n}.test` }));
  const match = Array.from({ length: 10 }, (_, n) => ({ uri: { exact: `/${n}` } }));
  expect(Rule.safeParse({ match, cors: { allowOrigins }, route }).success).toBe(true);
  const found = Rule.safeParse({ match, cors: { allowOrigins }, redirect: { uri: '/' } }).error!.issues;
  expect(found.map(({ path }) => path.join('/'))).toEqual(['cors/allowOrigins']);
});

describe('preflights', () => {
  const cors = { allowOrigins: [{ exact: '*' }] };
  const ranked = (...http: Rule[]): RankedRule[] => {
    const { before, catchAll } = splitAtCatchAll(Configuration.empty, 'r', {
      hosts: ['a.test'],
      gateways: ['g'],
      http,
    });
    return [...before, ...(catchAll ? [catchAll] : [])];
  };
  /** The indexes of rules; those of preflights with a `?`. */
  const order = (...http: Rule[]) =>
    [...stepsOf(ranked(...http))].map(({ rule, isPreflight }) => `${rule.rule}${isPreflight ? '?' : ''}`);
  const when = (match: Match, more: Partial<Rule> = {}): Rule => ({ match: [match], route, ...more });
  const post: Match = { method: { exact: 'POST' } };

  test('have no conditions without cors', () => expect(order(when(post), { route })).toEqual(['0', '1']));

  test('of a rule without cors are tried only if a rule behind it with cors may get them', () => {
    expect(order(when(post), { cors, route })).toEqual(['0?', '0', '1?', '1']);
    expect(order({ ...when({ uri: { prefix: '/a' } }), cors }, when(post), { route })).toEqual(['0?', '0', '1', '2']);
    const elsewhere = when({ ...post, uri: { pathPrefix: '/b' } });
    expect(order(elsewhere, when({ uri: { pathPrefix: '/a' } }, { cors }))).toEqual(['0', '1?', '1']);
    expect(order(when({ uri: { pathPrefix: '/B' } }), { cors, route })).toEqual(['0', '1?', '1']);
  });

  test.each([
    { cookies: { beta: { present: true } } },
    { headers: { 'x-a': { exact: '1' } } },
    { headers: { accept: { present: true } } },
    { grpc: {} },
    { method: { regex: 'POST|OPTIONS' } },
    { ...post, withoutHeaders: { 'x-a': { exact: '1' } } },
  ] satisfies Match[])('of a rule without cors are left to others unless it surely serves the request: %j', (match) =>
    expect(order(when(match), { cors, route })).toEqual(['0', '1?', '1']),
  );

  test('exclude what the rule excludes', () => {
    const steps = [...stepsOf(ranked(when({ withoutHeaders: { 'x-a': { present: true } } }, { cors })))];
    expect(steps).toHaveLength(2);
    for (const { condition } of steps)
      expect(condition.withoutHeaders).toMatchObject({
        'access-control-request-headers': { regex: expect.any(String) },
      });
  });
});
