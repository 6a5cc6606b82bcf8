import { expect, test } from 'vitest';
import { mostPerCluster } from '../../dataplane/compile/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Upstream } from '../../model/kinds/upstream.ts';

const upstreams = (count: number, more: Partial<Upstream> = {}, prefix = 'u'): Configuration =>
  Configuration.fromDocument({
    upstreams: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`${prefix}${index}`, { port: 80, endpoints: [], ...more }]),
    ),
  });
const limit = (most: number): Partial<Upstream> => ({
  circuitBreaker: { maxConnections: most, maxPendingRequests: most, maxRequests: most },
});
const subsets = [
  { name: 'v1', labels: { v: '1' } },
  { name: 'v2', labels: { v: '2' } },
];

test.each<[string, Configuration, share: number, most: number]>([
  ['a few upstreams keep the default', upstreams(16), 262_144, 16_384],
  ['beyond the share, it is halved', upstreams(17), 262_144, 8_192],
  ['a few hundred upstreams', upstreams(300), 262_144, 512],
  ['each subset is a cluster too', upstreams(6, { subsets }), 262_144, 8_192],
  [
    'small limits of their own leave room',
    upstreams(300, limit(100)).with('upstream', 'big', { port: 80, endpoints: [] }),
    50_000,
    16_384,
  ],
  ['one small limit of three leaves no room', upstreams(17, { circuitBreaker: { maxConnections: 1 } }), 262_144, 8_192],
  ['each cluster may have one connection', upstreams(300), 100, 1],
  ['no upstreams', upstreams(0), 100, 16_384],
  ['no limit', upstreams(300), Number.POSITIVE_INFINITY, 16_384],
])('the highest limit of a cluster of a tenant: %s', (_, configuration, share, most) => {
  expect(mostPerCluster(configuration, { connections: share, clients: 0 })).toBe(most);
});

test('connections of clients that are forwarded as they are have a limit of their own, over all their upstreams', () => {
  const to = (upstream: string, subset?: string) => ({
    route: [{ destination: { upstream, ...(subset && { subset }) } }],
  });
  const routed = upstreams(5, { subsets })
    .with('route', 'a', {
      gateways: ['g'],
      tcp: [to('u0'), to('u1')],
      tls: [{ match: [{ sniHosts: ['a.test'] }], ...to('u0') }],
    })
    .with('route', 'b', { gateways: ['g'], tcp: [to('u1', 'v1'), to('gone')] });
  const most = (clients: number) => mostPerCluster(routed, { connections: 262_144, clients });
  expect([most(49_152), most(12_500), most(1)]).toEqual([16_384, 4096, 1]);
});
