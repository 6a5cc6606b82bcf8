import { expect, test } from 'vitest';
import { mostPerCluster, type OwnedChain, tenantChains } from '../../dataplane/compile/index.ts';
import { ConnectionLimit } from '../../dataplane/envoy/gen/envoy/extensions/filters/network/connection_limit/v3/connection_limit.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
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
  expect(mostPerCluster(configuration, share)).toBe(most);
});

/** A tenant with a port per upstream. */
const portsOf = (base: Configuration): { configuration: Configuration; fleet: Fleet } => {
  const numbers = [...base.entries('upstream')].map(([name], index) => ({ name, number: 9000 + index }));
  const servers = numbers.map(({ name, number }) => ({
    port: { number, name, protocol: 'TCP' as const },
    hosts: ['*'],
  }));
  const tcp = numbers.map(({ name, number }) => ({
    match: [{ port: number }],
    route: [{ destination: { upstream: name } }],
  }));
  return {
    configuration: base
      .with('gateway', 'door', { selector: {}, servers })
      .with('route', 'way', { gateways: ['door'], tcp }),
    fleet: {
      name: 'edge',
      labels: {},
      ports: numbers.map(({ number }) => ({ number, bind: number, protocol: 'TCP' })),
    },
  };
};

test.each<[string, Configuration, share: number, limit: number | undefined]>([
  ['one port', upstreams(1), 12_500, 8_192],
  ['a few ports', upstreams(5), 12_500, 2_048],
  ['many ports', upstreams(200), 12_500, 32],
  [
    'ports to upstreams with small limits leave room',
    upstreams(1).with('upstream', 'small', { port: 80, endpoints: [], ...limit(100) }),
    12_500,
    8_192,
  ],
  ['each port may have one connection', upstreams(200), 100, 1],
  ['no limit', upstreams(200), Number.POSITIVE_INFINITY, undefined],
])('the limit on the clients of each port of a tenant: %s', (_, base, share, expected) => {
  const { configuration, fleet } = portsOf(base);
  for (const port of fleet.ports) {
    const [{ chain }] = tenantChains(configuration, 'acme', fleet, port, '*', share) as [OwnedChain];
    const filter = chain.filters.find(({ name }) => name === 'envoy.filters.network.connection_limit');
    const config = filter?.configType?.$case === 'typedConfig' ? filter.configType.value.value : undefined;
    expect(config && ConnectionLimit.decode(config).maxConnections).toBe(expected);
  }
});
