/** How many endpoints a tenant's upstreams have in Envoy, where each subset is a cluster with endpoints of its own. */

import type { Endpoint, Upstream } from '../kinds/upstream.ts';
import type { Labels } from '../values/labels.ts';

/** The sizes of the clusters that an upstream can become, each with its place. */
export function* clusterSizes({ endpoints, subsets = [] }: Upstream): Generator<[size: number, path: string]> {
  yield [endpoints.length, '/endpoints'];
  for (const [index, { labels }] of subsets.entries()) yield [selected(endpoints, labels), `/subsets/${index}`];
}

export function endpointCount(upstream: Upstream): number {
  let count = 0;
  for (const [size] of clusterSizes(upstream)) count += size;
  return count;
}

/** Like `carries`, for 2,000 endpoints of each of 64 subsets. */
function selected(endpoints: readonly Endpoint[], labels: Labels): number {
  const wanted = Object.entries(labels);
  let count = 0;
  for (const { labels } of endpoints) if (wanted.every(([key, value]) => labels?.[key] === value)) count++;
  return count;
}
