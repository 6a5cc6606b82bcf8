/** How many clusters routes make Envoy load. */

import { getOrAdd } from '../binding/get-or-add.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Pausable } from '../pausable.ts';
import { destinationsOf, destinationsOfRule, type PlacedDestination } from '../route/destinations.ts';
import { clusterWeight } from '../upstream/clusters.ts';
import type { HostPattern } from '../values/host.ts';
import { conditionsIn } from './delegation.ts';
import { type NamedRoute, routesOfHosts } from './host-routes.ts';

const keyOf = ({ destination: { upstream, subset = '' }, use }: PlacedDestination): string =>
  `${upstream}/${subset}${use === 'mirror' ? '/mirror' : ''}`;

/** Lists the destinations of a route that get copies of requests. Each is a cluster of its own in Envoy. */
export const mirrorsOf = (route: Route): PlacedDestination[] =>
  destinationsOf(route).filter(({ use }) => use === 'mirror');

/** Counts the clusters that get copies of requests. */
export function mirrorClusters(configuration: Configuration): number {
  const weights = new Map<string, number>();
  for (const [, route] of configuration.entries('route'))
    for (const mirror of mirrorsOf(route))
      weights.set(keyOf(mirror), clusterWeight(configuration.get('upstream', mirror.destination.upstream)));
  return [...weights.values()].reduce((sum, weight) => sum + weight, 0);
}

/** Lists the destinations of connections and datagrams. */
export const connectionDestinations = (route: Route): PlacedDestination[] =>
  route.tls || route.tcp || route.udp ? destinationsOf(route).filter(({ section }) => section !== 'http') : [];

/** Counts the clusters that rules for connections and datagrams name. Envoy loads them with their listener. */
export function connectionClusters(configuration: Configuration): number {
  const keys = new Set<string>();
  for (const [, route] of configuration.entries('route'))
    for (const each of connectionDestinations(route)) keys.add(keyOf(each));
  return keys.size;
}

/**
 * Counts the clusters that the routes of each host name, for the hosts that {@link routesOfHosts} lists. The first
 * request for a host waits for all of them. It pauses once per host.
 */
export function* clusterCounts(
  configuration: Configuration,
  hosts: ReadonlySet<HostPattern>,
): Pausable<Map<HostPattern, number>> {
  const known = new Map<Route, readonly string[]>();
  const clustersOf = ({ name, route }: NamedRoute): readonly string[] =>
    getOrAdd(known, route, () => clustersOfRoute(configuration, name, route));
  const counts = new Map<HostPattern, number>();
  for (const [host, routes] of routesOfHosts(configuration, hosts)) {
    yield;
    counts.set(host, new Set(routes.flatMap(clustersOf)).size);
  }
  return counts;
}

function clustersOfRoute(configuration: Configuration, name: string, route: Route): readonly string[] {
  const { http = [] } = route;
  const rules = http.some(({ delegate }) => delegate)
    ? new Set(conditionsIn(configuration, name, route).map(({ spec }) => spec))
    : http;
  const keys = new Set<string>();
  for (const rule of rules) for (const each of destinationsOfRule(rule)) keys.add(keyOf(each));
  return [...keys];
}
