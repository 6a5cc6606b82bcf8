/** Errors in the fields of conditions, and the order of conditions. */
import { expect, test } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Gateway } from '../../model/kinds/gateway.ts';
import { Route } from '../../model/kinds/route.ts';

const answer = { directResponse: { status: 200 } };
const issues = (match: object, more: object = {}) =>
  (
    Route.safeParse({ hosts: ['a.test'], gateways: ['web'], http: [{ match: [match], ...answer }], ...more }).error
      ?.issues ?? []
  ).map(({ path, message }) => `${path.join('/')}: ${message}`);

test.each([
  [{ gateways: ['other'] }, 'http/0/match/0/gateways/0: the route is not bound to "other"; its gateways are web'],
  [
    { grpc: {}, uri: { exact: '/' } },
    'http/0/match/0/uri: excludes grpc, which compares the path and the method itself',
  ],
  [
    { grpc: { service: { exact: 'a/b' } } },
    'http/0/match/0/grpc/service/exact: has letters, digits, underscores and dots only',
  ],
  [
    { source: ['10.0.0.0/33'] },
    'http/0/match/0/source/0: must be a range such as 10.0.0.0/8 or fd00::/8, or one IP address',
  ],
  [
    { cookies: { 'a b': { exact: 'c' } } },
    "http/0/match/0/cookies/a b: a cookie name has 1 to 256 letters, digits or characters of !#$%&'*+-.^_`|~",
  ],
])('%j is rejected', (match, message) => {
  expect(issues(match)).toEqual([message]);
});

test('a condition may name as many ranges as their comparison allows', () => {
  const ipv4 = Array.from({ length: 64 }, (_, i) => `10.${i}.${i}.0/27`);
  expect(issues({ source: ipv4 })).toEqual([]);
  const ipv6 = Array.from({ length: 64 }, (_, i) => `${(i + 16).toString(16)}:${i}::/81`);
  expect(issues({ source: ipv6 })).toEqual([
    'http/0/match/0/source: takes too much work to compare: name fewer ranges, or several conditions',
  ]);
});

const server = (hosts: string[], number = 80) => ({ port: { number, name: `p${number}`, protocol: 'HTTP' }, hosts });
const gateway = (...servers: object[]) => Gateway.parse({ selector: { ingress: 'public' }, servers });
const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [80, 8080].map((number) => ({ number, bind: number, protocol: 'HTTP' as const })),
};

test('a condition on a gateway or a port applies only there, and explain says why', () => {
  const configuration = Configuration.fromDocument({
    gateways: { a: gateway(server(['a.test']), server(['a.test'], 8080)), b: gateway(server(['b.test'])) },
    routes: {
      r: Route.parse({
        hosts: ['a.test', 'b.test'],
        gateways: ['a', 'b'],
        http: [
          { match: [{ gateways: ['b'] }], ...answer },
          { match: [{ port: 8080 }], ...answer },
          { match: [{ uri: { exact: '/' } }], ...answer },
        ],
      }),
    },
  });
  const served = (authority: string, port: number) => {
    const found = explain(configuration, 'acme', fleet, { authority, port });
    return {
      rule: found.outcome === 'matched' ? found.rule.rule : undefined,
      tried: found.tried.map(({ why }) => why),
    };
  };
  expect(served('b.test', 80)).toEqual({ rule: 0, tried: [] });
  expect(served('a.test', 8080)).toEqual({ rule: 1, tried: ['the gateway a admits the request'] });
  expect(served('a.test', 80)).toEqual({
    rule: 2,
    tried: ['the gateway a admits the request', 'the port 80 does not match'],
  });
});

test.each([{ uri: { pathPrefix: '/' } }, { uri: { regex: '.*' } }, { uri: { prefix: '/' } }, {}])(
  'in specific order, %j comes after a condition on a header alone',
  (every) => {
    const configuration = Configuration.fromDocument({
      gateways: { web: gateway(server(['a.test'])) },
      routes: {
        r: Route.parse({
          hosts: ['a.test'],
          gateways: ['web'],
          order: 'specific',
          http: [
            { match: [every], ...answer },
            { match: [{ headers: { 'x-a': { exact: 'a' } } }], ...answer },
          ],
        }),
      },
    });
    const found = explain(configuration, 'acme', fleet, { authority: 'a.test', headers: { 'x-a': 'a' } });
    expect(found.outcome === 'matched' && found.rule.rule).toBe(1);
  },
);
