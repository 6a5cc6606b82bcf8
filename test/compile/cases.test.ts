import { describe, expect, test } from 'vitest';
import { cluster, grpcRouteConfiguration, needsOf, routeConfiguration } from '../../dataplane/compile/index.ts';
import { Cluster } from '../../dataplane/envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import { scopeTable } from '../../model/binding/scope-table.ts';
import type { Rule } from '../../model/route/rule.ts';
import { cases, compiled, fleet, routing, written } from './case.ts';
import { readable } from './readable.ts';
import { verified } from './secrets/sample.ts';

// `UPDATE_CASES=1 npx vitest run test/compile` rewrites what is expected; a person reads the difference.
const update = process.env.UPDATE_CASES !== undefined;

describe('each case compiles to its expected resources', () => {
  test.each(cases().map((each) => [each.name, each] as const))('%s', (_, each) => {
    const actual = written(compiled(each.configuration));
    if (update) each.update(actual);
    else expect(actual, each.shows).toBe(each.expected);
  });
});

describe('the needs of the routes are the same after they were encoded', () => {
  test.each(cases().map((each) => [each.name, each] as const))('%s', (_, { configuration }) => {
    for (const { port, host } of scopeTable(configuration, 'acme', fleet).scopes) {
      const { message, needs } = routeConfiguration(configuration, 'acme', fleet, port, host);
      expect(needsOf(RouteConfiguration.decode(RouteConfiguration.encode(message).finish()))).toEqual(needs);
    }
  });
});

/** The names of the secrets that Envoy asks for once it has a message, wherever in the message they are. */
function secretsIn(message: unknown): string[] {
  if (typeof message !== 'object' || message === null) return [];
  const own = 'sdsConfig' in message && 'name' in message ? [String(message.name)] : [];
  return [...own, ...Object.values(message).flatMap(secretsIn)];
}
const secretsOf = (compiled: ReturnType<typeof cluster>) => ({
  named: [...new Set(secretsIn(readable(Cluster.toJSON(compiled.message))))].sort(),
  needed: compiled.needs.secrets,
});

describe('says which secrets the clusters need', () => {
  test('of a cluster that needs one', () => {
    const { named, needed } = secretsOf(verified(cluster)(routing(), 'acme', fleet, 'acme/web'));
    expect(named).toEqual(['ca/acme/web']);
    expect(needed).toEqual(named);
  });

  test.each(cases().map((each) => [each.name, each] as const))('%s', (_, { configuration }) => {
    for (const upstream of configuration.names('upstream')) {
      const { named, needed } = secretsOf(cluster(configuration, 'acme', fleet, `acme/${upstream}`));
      expect(needed).toEqual(named);
    }
  });
});

test('a gRPC client gets the fields that it knows', () => {
  const configuration = routing(
    {
      match: [{ uri: { pathPrefix: '/pkg.Echo' }, ignoreUriCase: true }],
      route: [{ destination: { upstream: 'u' } }],
    },
    { directResponse: { status: 503 } },
  );
  const { message } = grpcRouteConfiguration(configuration, 'acme', fleet, 80, 'a.test', 'grpc|80|a.test');
  expect(message.virtualHosts[0]!.routes).toMatchObject([
    {
      match: { pathSpecifier: { $case: 'safeRegex', value: { regex: '(?i)/pkg\\.Echo(?:/.*)?' } } },
      action: { $case: 'route' },
    },
    { match: { pathSpecifier: { $case: 'prefix', value: '/' } }, action: { $case: 'nonForwardingAction' } },
  ]);
});

test('a gRPC client gets no field that only Envoy knows', () => {
  const rule: Rule = {
    match: [{ uri: { prefix: '/pkg.' }, queryParams: { q: { exact: '1' } } }],
    rewrite: { uri: '/other.', authority: 'inner.test' },
    timeout: '3s',
    headers: { request: { set: { a: '1' }, remove: ['b'] }, response: { add: { c: '1' }, remove: ['d'] } },
    route: [
      { destination: { upstream: 'u' }, weight: 95 },
      { destination: { upstream: 'u', subset: 'v2' }, weight: 5 },
    ],
  };
  const { message, needs } = grpcRouteConfiguration(routing(rule), 'acme', fleet, 80, 'a.test', 'grpc|80|a.test');
  expect(RouteConfiguration.toJSON(message)).toEqual({
    name: 'grpc|80|a.test',
    virtualHosts: [
      {
        name: 'grpc|80|a.test',
        domains: ['*'],
        routes: [
          {
            name: 'r/0/0',
            match: {
              prefix: '/pkg.',
              // A client ignores a route that has these; without them the route would serve every request.
              queryParameters: [{ name: 'q', stringMatch: { exact: '1' } }],
            },
            route: {
              weightedClusters: {
                clusters: [
                  { name: 'acme/u', weight: 95 },
                  { name: 'acme/u/v2', weight: 5 },
                ],
              },
            },
          },
        ],
      },
    ],
  });
  expect(needs).toEqual({ clusters: ['acme/u', 'acme/u/v2'], secrets: [] });
});

test('calls of a gRPC client fail in the share that has a direct response', () => {
  const rule: Rule = {
    route: [
      { destination: { upstream: 'u' }, weight: 3, rewrite: { uri: '/x' } },
      { directResponse: { status: 503 }, weight: 1 },
    ],
  };
  const { message } = grpcRouteConfiguration(routing(rule), 'acme', fleet, 80, 'a.test', 'grpc|80|a.test');
  expect(RouteConfiguration.toJSON(message)).toMatchObject({
    virtualHosts: [
      {
        routes: [
          {
            match: { runtimeFraction: { defaultValue: { numerator: 250_000, denominator: 'MILLION' } } },
            nonForwardingAction: {},
          },
          { match: { prefix: '/' }, route: { cluster: 'acme/u' } },
        ],
      },
    ],
  });
});
