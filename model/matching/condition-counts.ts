/** How many conditions the routes of a host have. Each is a route in Envoy. */

import { getOrAdd } from '../binding/get-or-add.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { HostPattern } from '../values/host.ts';
import { routesOfHosts } from './host-routes.ts';

/** Counts the conditions of a route as written: a rule without conditions counts as one. */
export const conditionCount = ({ http = [] }: Pick<Route, 'http'>): number =>
  http.reduce((sum, { match }) => sum + (match?.length ?? 1), 0);

/**
 * Counts the conditions that a request may meet, for the hosts that {@link routesOfHosts} lists.
 *
 * @returns the number by host
 */
export function conditionCounts(
  configuration: Configuration,
  hosts: ReadonlySet<HostPattern>,
): Map<HostPattern, number> {
  const own = new Map<Route, number>();
  const counts = new Map<HostPattern, number>();
  for (const [host, routes] of routesOfHosts(configuration, hosts))
    counts.set(
      host,
      routes.reduce((sum, { route }) => sum + getOrAdd(own, route, () => conditionCount(route)), 0),
    );
  return counts;
}
