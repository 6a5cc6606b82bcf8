import { hasDelegation } from '../../../model/binding/delegation.ts';
import type { Route } from '../../../model/kinds/route.ts';
import type { Upstream } from '../../../model/kinds/upstream.ts';
import {
  clusterCounts,
  connectionClusters,
  connectionDestinations,
  mirrorClusters,
  mirrorsOf,
} from '../../../model/matching/cluster-counts.ts';
import { destinationsOf } from '../../../model/route/destinations.ts';
import { clusterWeight } from '../../../model/upstream/clusters.ts';
import { covers, type HostPattern } from '../../../model/values/host.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import { inSlices } from '../../pace.ts';
import type { Head } from '../heads/head.ts';
import { combinedWith } from '../sharing/owners.ts';
import { firstBeyond, type Part } from './first-beyond.ts';
import { type Candidate, type Gate, nothing } from './gate.ts';
import { lastPlace } from './last-place.ts';

/**
 * Limits the clusters of a tenant and those of one host. A cluster needs 25 KB of an Envoy with two worker
 * threads, even without endpoints, and 1.5 ms of the thread that also loads the hosts of all tenants.
 *
 * The operator may lower the limits below the clusters of a tenant, and a tenant may have had more before there was a
 * limit. The tenant may then still make every change that adds none, and restore an earlier revision.
 */
export const clusterQuota: Gate = {
  code: 'invalid-configuration',
  async judge(candidate) {
    const { head, state, isRestore } = candidate;
    if (head === state || isRestore) return nothing;
    return {
      errors: [...ofTenant(candidate), ...ofConnections(candidate), ...(await ofHosts(candidate))],
      warnings: [],
    };
  },
};

function* ofTenant({ head, state, quotas }: Candidate): Generator<Violation> {
  const limit = quotas.clusters;
  if (mostClusters(state) <= limit) return;
  const count = clustersIn(state);
  if (count <= limit || count <= clustersIn(head)) return;
  yield {
    ...firstBeyond(head, state, limit - count, (kind, spec): Part[] => {
      if (kind === 'upstream') return clustersOf(spec as Upstream);
      if (kind !== 'route') return [];
      return mirrorsOf(spec as Route).map(({ destination, path }): Part => {
        const upstream = state.configuration.get('upstream', destination.upstream);
        return [clusterWeight(upstream), path];
      });
    }),
    code: 'too-many-clusters',
    message: `the upstreams of a tenant may be ${limit} clusters in Envoy in all, not ${count}`,
    hint: 'an upstream and each of its subsets is a cluster, and one more when it gets copies of requests; with RING_HASH, MAGLEV or sessionAffinity, each counts 5 times',
  };
}

const clustersOf = (upstream: Upstream): Part[] => {
  const weight = clusterWeight(upstream);
  return [
    [weight, weight > 1 ? '/loadBalancer' : ''],
    ...(upstream.subsets ?? []).map((_, index): Part => [weight, `/subsets/${index}`]),
  ];
};

/** The clusters if every mirror were another one. */
const mostClusters = ({ amounts }: Head): number => amounts.clusters + amounts.mirrors;

const clustersIn = ({ amounts, configuration }: Head): number =>
  amounts.clusters + (amounts.mirrors > 0 ? mirrorClusters(configuration) : 0);

function* ofConnections({ head, state, changes, quotas }: Candidate): Generator<Violation> {
  const limit = quotas.hostClusters;
  if (state.amounts.destinations <= limit) return;
  const place = lastPlace(changes, ({ kind, spec }) => (kind === 'route' ? connectionDestinations(spec) : []));
  if (!place) return;
  const count = connectionClusters(state.configuration);
  if (count <= limit || count <= connectionClusters(head.configuration)) return;
  yield {
    ...place,
    code: 'too-many-destinations',
    message: `the rules in tls, tcp and udp of a tenant may name ${limit} upstreams and subsets in all, not ${count}`,
    hint: 'Envoy must have all of them before it opens the port',
  };
}

async function ofHosts({ head, state, combined, owners, changes, quotas, pace }: Candidate): Promise<Violation[]> {
  const limit = quotas.hostClusters;
  const delegates = hasDelegation(state.configuration);
  // Nearly all tenants have fewer clusters, or name fewer, in all.
  if (!delegates && Math.min(mostClusters(state), state.amounts.destinations) <= limit) return [];
  const written = changes.flatMap((change) => (change.verb === 'put' && change.kind === 'route' ? [change] : []));
  const [first] = written;
  if (!first) return [];
  const hosts = new Set(written.flatMap(({ spec }) => spec.hosts ?? []));
  if (delegates) for (const host of delegatingHosts(state)) hosts.add(host);
  const counts = await inSlices(clusterCounts(combined, hosts), pace);
  const beyond = [...counts].filter(([, count]) => count > limit);
  if (beyond.length === 0) return [];
  const own = combinedWith(owners, head.tenant, head.configuration);
  const before = await inSlices(clusterCounts(own, hosts), pace);
  const grown = beyond.find(([host, count]) => count > (before.get(host) ?? 0));
  if (!grown) return [];
  const [host, count] = grown;
  const place = lastPlace(changes, ({ kind, spec }) =>
    // A route without hosts may serve the host by delegation.
    kind === 'route' && (spec.hosts?.some((each) => covers(each, host)) ?? true) ? destinationsOf(spec) : [],
  );
  const violation = {
    ...(place ?? { resource: resourceName('route', first.name), path: '' }),
    code: 'too-many-destinations',
    message: `the routes of a host may send requests to ${limit} upstreams and subsets in all, not ${count} as for ${host}`,
    hint: 'the first request for a host waits until Envoy has all of them; routes of a wildcard count for each host below it',
  };
  return [violation];
}

/** Lists the hosts whose requests may meet rules of other routes. */
function* delegatingHosts({ configuration }: Head): Generator<HostPattern> {
  for (const [, { http, hosts = [] }] of configuration.entries('route'))
    if (http?.some(({ delegate }) => delegate)) yield* hosts;
}
