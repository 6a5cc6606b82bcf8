/** The clusters that routes need, read from the message alone: last good routes have no configuration any more. */
import { expect, test } from 'vitest';
import { needsOf } from '../../dataplane/compile/index.ts';
import { RouteConfiguration } from '../../dataplane/envoy/gen/envoy/config/route/v3/route.ts';
import type { RouteAction } from '../../dataplane/envoy/gen/envoy/config/route/v3/route_components.ts';

const clusters = (value: Partial<RouteAction>): readonly string[] => {
  const message = RouteConfiguration.fromPartial({
    virtualHosts: [{ name: 'host', routes: [{ action: { $case: 'route', value } }] }],
  } as Parameters<typeof RouteConfiguration.fromPartial>[0]);
  return needsOf(RouteConfiguration.decode(RouteConfiguration.encode(message).finish())).clusters;
};
const mirrored = { requestMirrorPolicies: [{ cluster: 'acme/mirror' }] } as Partial<RouteAction>;

test('routes with one cluster need the cluster of their mirror too', () =>
  expect(clusters({ clusterSpecifier: { $case: 'cluster', value: 'acme/shop' }, ...mirrored })).toEqual([
    'acme/mirror',
    'acme/shop',
  ]));

test('routes with weighted clusters need the cluster of their mirror too', () => {
  const value = { clusters: [{ name: 'acme/shop/v2' }, { name: 'acme/shop/v1' }] };
  const clusterSpecifier = { $case: 'weightedClusters', value } as RouteAction['clusterSpecifier'];
  expect(clusters({ clusterSpecifier: clusterSpecifier!, ...mirrored })).toEqual([
    'acme/mirror',
    'acme/shop/v1',
    'acme/shop/v2',
  ]);
});
