import { describe, expect, test } from 'vitest';
import { grpcRouteConfiguration } from '../../dataplane/compile/index.ts';
import { cases, compiled, fleet, routing, written } from './case.ts';

// `UPDATE_CASES=1 npx vitest run test/compile` rewrites what is expected; a person reads the difference.
const update = process.env.UPDATE_CASES !== undefined;

describe('compiles', () => {
  test.each(cases().map((each) => [each.name, each] as const))('%s', (_, each) => {
    const actual = written(compiled(each.configuration));
    if (update) each.update(actual);
    else expect(actual, each.shows).toBe(each.expected);
  });
});

test('a gRPC client is told in its own words', () => {
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
