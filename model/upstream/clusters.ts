/** The clusters that an upstream is in Envoy: one for the upstream, and one for each subset. */

import { choosesByHash, type LoadBalancer } from './load-balancer.ts';

/** The fields of an upstream on which the number of its clusters depends. */
interface Clustered {
  loadBalancer?: LoadBalancer | undefined;
  subsets?: readonly unknown[] | undefined;
}

/** How many clusters a cluster counts as whose endpoints are chosen by a hash. Its tables need as much memory. */
export const MOST_CLUSTER_WEIGHT = 5;

/** Returns how many clusters each cluster of an upstream counts as. */
export const clusterWeight = (upstream: Clustered | undefined): number =>
  choosesByHash(upstream?.loadBalancer) ? MOST_CLUSTER_WEIGHT : 1;

/** Counts the clusters of an upstream, without those that get copies of requests. */
export const clustersOfUpstream = (upstream: Clustered): number =>
  (1 + (upstream.subsets?.length ?? 0)) * clusterWeight(upstream);
