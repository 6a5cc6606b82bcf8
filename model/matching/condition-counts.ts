/** How many conditions the routes of a host have. Each is a route in Envoy. */

import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import { type HostPattern, isBelowAnother, patternsCovering } from '../values/host.ts';

/** Counts the conditions of a route as written: a rule without conditions counts as one. */
export const conditionCount = ({ http = [] }: Pick<Route, 'http'>): number =>
  http.reduce((sum, { match }) => sum + (match?.length ?? 1), 0);

/**
 * Counts the conditions that a request may meet for these hosts and, below those that are wildcards, for other hosts of
 * routes: those of all routes that name the host or a wildcard above it, as if every gateway admitted them.
 *
 * @returns the number by host
 */
export function conditionCounts(
  configuration: Configuration,
  hosts: ReadonlySet<HostPattern>,
): Map<HostPattern, number> {
  const isWide = [...hosts].some((host) => host.startsWith('*'));
  const above = new Set([...hosts].flatMap((host) => [...patternsCovering(host)]));
  const own = new Map<HostPattern, number>();
  for (const [, route] of configuration.entries('route')) {
    const named = new Set(route.hosts);
    for (const host of named)
      if ((isWide || above.has(host)) && !isBelowAnother(host, named))
        own.set(host, (own.get(host) ?? 0) + conditionCount(route));
  }
  const counts = new Map<HostPattern, number>();
  for (const host of isWide ? new Set([...hosts, ...own.keys()]) : hosts) {
    const covering = [...patternsCovering(host)];
    if (covering.some((each) => hosts.has(each)))
      counts.set(
        host,
        covering.reduce((sum, each) => sum + (own.get(each) ?? 0), 0),
      );
  }
  return counts;
}
