import type { Configuration } from '../../../model/configuration.ts';
import { type CircuitBreaker, MOST } from '../../../model/upstream/circuit-breaker.ts';

interface Limits {
  /** The highest limit of each cluster of an upstream. */
  limit: number;
  connections: number;
  /** The number of the clusters: one, and one per subset. */
  count: number;
}

/** How many connections one tenant may have in one Envoy. */
export interface TenantShare {
  /** Connections to upstreams. */
  connections: number;
  /** Connections of clients that are forwarded as they are, by rules in `tcp` and `tls`: each has one to an upstream. */
  clients: number;
}

/**
 * Returns the highest limit that one cluster of a tenant may have, so that all clusters of the tenant together have at
 * most the tenant's share of open connections in one Envoy. Clusters with lower limits of their own leave more to the
 * others.
 *
 * The result is a power of two: so few changes of an upstream change the limits of the others, whose connections Envoy
 * would then replace.
 */
export function mostPerCluster(configuration: Configuration, { connections, clients }: TenantShare): number {
  const all = limitsOf(configuration);
  const forwarded = forwardedTo(configuration).map((upstream) => all.get(upstream)?.connections ?? 0);
  let most = MOST;
  const isTooHigh = () => {
    let [sum, clientSum] = [0, 0];
    for (const { limit, count } of all.values()) sum += count * Math.min(limit, most);
    for (const limit of forwarded) clientSum += Math.min(limit, most);
    return sum > connections || clientSum > clients;
  };
  while (most > 1 && isTooHigh()) most /= 2;
  return most;
}

/** Lowers the limits of a cluster to `most`. */
export const lowered = (breaker: CircuitBreaker = {}, most: number): CircuitBreaker => {
  const { maxConnections = MOST, maxPendingRequests = MOST, maxRequests = MOST } = breaker;
  return {
    ...breaker,
    maxConnections: Math.min(maxConnections, most),
    maxPendingRequests: Math.min(maxPendingRequests, most),
    maxRequests: Math.min(maxRequests, most),
  };
};

/** Results for the upstreams, and for the routes, of configurations. A change of another kind shares them. */
const known = {
  limits: new WeakMap<object, ReadonlyMap<string, Limits>>(),
  forwarded: new WeakMap<object, readonly string[]>(),
};

function limitsOf(configuration: Configuration): ReadonlyMap<string, Limits> {
  return remember(known.limits, configuration.identity('upstream'), () => {
    const limits = new Map<string, Limits>();
    for (const [name, { circuitBreaker = {}, subsets = [] }] of configuration.entries('upstream')) {
      const { maxConnections = MOST, maxPendingRequests = MOST, maxRequests = MOST } = circuitBreaker;
      const limit = Math.max(maxConnections, maxPendingRequests, maxRequests);
      limits.set(name, { limit, connections: maxConnections, count: 1 + subsets.length });
    }
    return limits;
  });
}

/** Lists the upstreams to which connections of clients are forwarded, once for each subset. */
function forwardedTo(configuration: Configuration): readonly string[] {
  return remember(known.forwarded, configuration.identity('route'), () => {
    const upstreams = new Map<string, string>();
    for (const [, { tls = [], tcp = [] }] of configuration.entries('route'))
      for (const { route } of [...tls, ...tcp])
        for (const { destination } of route)
          upstreams.set(`${destination.upstream}/${destination.subset ?? ''}`, destination.upstream);
    return [...upstreams.values()];
  });
}

function remember<T>(results: WeakMap<object, T>, key: object, compute: () => T): T {
  let result = results.get(key);
  if (result === undefined) results.set(key, (result = compute()));
  return result;
}
