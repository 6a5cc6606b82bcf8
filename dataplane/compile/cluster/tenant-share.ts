import type { Configuration } from '../../../model/configuration.ts';
import { type CircuitBreaker, MOST } from '../../../model/upstream/circuit-breaker.ts';

/** The limits of the clusters of a configuration's upstreams. A change that touches no upstream shares them. */
const known = new WeakMap<object, readonly number[]>();

/**
 * Returns the highest limit that one cluster of a tenant may have, so that all clusters of the tenant together have at
 * most `share` open connections in one Envoy. Clusters with lower limits of their own leave more to the others.
 *
 * The result is a power of two: so few changes of an upstream change the limits of the others, whose connections Envoy
 * would then replace.
 */
export function mostPerCluster(configuration: Configuration, share: number): number {
  const upstreams = configuration.identity('upstream');
  let limits = known.get(upstreams);
  if (!limits) known.set(upstreams, (limits = limitsOf(configuration)));
  return mostOfEach(limits, share);
}

/** Returns the highest power of two, up to {@link MOST}, to which limits must be lowered so that they add up to `share`. */
export function mostOfEach(limits: readonly number[], share: number): number {
  let most = MOST;
  while (most > 1 && limits.reduce((sum, limit) => sum + Math.min(limit, most), 0) > share) most /= 2;
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

/** Returns the highest limit of each cluster: one per upstream, and one per subset. */
function limitsOf(configuration: Configuration): number[] {
  const limits: number[] = [];
  for (const [, { circuitBreaker = {}, subsets = [] }] of configuration.entries('upstream')) {
    const { maxConnections = MOST, maxPendingRequests = MOST, maxRequests = MOST } = circuitBreaker;
    const limit = Math.max(maxConnections, maxPendingRequests, maxRequests);
    for (let cluster = 0; cluster <= subsets.length; cluster++) limits.push(limit);
  }
  return limits;
}
