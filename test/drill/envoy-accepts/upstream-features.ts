import type { Random } from './random.ts';
import { duration, headerName, text } from './values.ts';

/** Random values of the fields that choose endpoints and limit an upstream. */
export const upstreamFeatures = (random: Random): Record<string, unknown> => ({
  ...random.maybe(50, 'loadBalancer', () => loadBalancer(random)),
  ...random.maybe(20, 'dns', () => random.pick(['strict', 'logical'])),
  ...random.maybe(20, 'proxyProtocol', () => random.pick(['V1', 'V2'])),
  ...random.maybe(40, 'healthChecks', () => [healthCheck(random)]),
  ...random.maybe(30, 'circuitBreaker', () => ({
    ...random.maybe(50, 'maxConnections', () => 1 + random.below(16_384)),
    ...random.maybe(50, 'maxPendingRequests', () => 1 + random.below(16_384)),
    ...random.maybe(50, 'maxRequests', () => 1 + random.below(16_384)),
    ...random.maybe(50, 'maxRetries', () => random.below(16_384)),
  })),
  ...random.maybe(30, 'outlierDetection', () => ({
    ...random.maybe(50, 'consecutive5xxErrors', () => 1 + random.below(10_000)),
    ...random.maybe(50, 'consecutiveGatewayErrors', () => 1 + random.below(10_000)),
    ...random.maybe(50, 'interval', () => random.pick(['1s', '24h', duration(random)])),
    ...random.maybe(50, 'baseEjectionTime', () => random.pick(['1s', '24h', duration(random)])),
    ...random.maybe(50, 'maxEjectionTime', () => random.pick(['1s', '24h', duration(random)])),
    ...random.maybe(50, 'maxEjectionPercent', () => random.pick([0, 0.4, 33.3, 100])),
  })),
});

export const locality = (random: Random): string =>
  random.pick(['eu', 'eu/a', 'eu/a/1', 'constructor', 'toString/valueOf', '__proto__', 'a/b/c/d', '']);

function loadBalancer(random: Random): Record<string, unknown> {
  const common = random.maybe(30, 'panicThreshold', () => random.pick([0, 0.5, 50, 100]));
  switch (random.below(3)) {
    case 0:
      return {
        ...common,
        policy: random.pick(['RING_HASH', 'MAGLEV']),
        hash: random.some(1, 3, () =>
          random.pick<() => object>([
            () => ({ header: headerName(random) }),
            () => ({ cookie: random.chance(70) ? 'user' : text(random, 3) }),
            () => ({ queryParam: text(random, 3) }),
            () => ({ sourceIp: true }),
          ])(),
        ),
      };
    case 1:
      return {
        ...common,
        sessionAffinity: {
          cookie: random.chance(70) ? "a!#$%&'*+.^_`|~" : text(random, 3),
          ...random.maybe(60, 'ttl', () => random.pick(['0s', '1ms', '24h', duration(random)])),
          ...random.maybe(60, 'path', () => random.pick(['/', '/%', `/${text(random, 5)}`])),
        },
      };
    default:
      return {
        ...common,
        ...random.maybe(80, 'policy', () => random.pick(['ROUND_ROBIN', 'LEAST_REQUEST', 'RANDOM'])),
        ...random.maybe(30, 'localityWeights', () =>
          Object.fromEntries(random.some(1, 3, () => [locality(random), 1 + random.below(10_000)])),
        ),
        ...random.maybe(60, 'slowStart', () => ({
          window: random.pick(['1ms', '24h', duration(random)]),
          ...random.maybe(50, 'aggression', () => random.pick([0.1, 1, 10, 0.7])),
          ...random.maybe(50, 'minWeight', () => random.pick([0, 0.1, 100])),
        })),
      };
  }
}

const healthCheck = (random: Random): Record<string, unknown> => ({
  ...random.pick<() => object>([
    () => ({
      http: {
        path: random.pick(['/', '/%', `/${text(random, 5)}`]),
        ...random.maybe(30, 'host', () => random.pick(['a.test:80', '[::1]', text(random, 3)])),
        ...random.maybe(30, 'method', () => random.pick(['GET', 'HEAD', 'OPTIONS'])),
        ...random.maybe(30, 'statuses', () => random.some(1, 3, () => 100 + random.below(500))),
        ...random.maybe(30, 'headers', () => ({ [headerName(random)]: text(random) })),
      },
    }),
    () => ({
      tcp: {
        ...random.maybe(50, 'send', () => text(random)),
        ...random.maybe(50, 'receive', () => text(random)),
      },
    }),
    () => ({ grpc: random.maybe(50, 'service', () => text(random)) }),
  ])(),
  ...random.maybe(50, 'interval', () => random.pick(['1s', '24h', duration(random)])),
  ...random.maybe(50, 'timeout', () => random.pick(['100ms', '60s', '1m'])),
  ...random.maybe(30, 'unhealthyThreshold', () => 1 + random.below(100)),
  ...random.maybe(30, 'healthyThreshold', () => 1 + random.below(100)),
  ...random.maybe(30, 'port', () => 1 + random.below(65_535)),
});
