/** The routes whose rules a request for a host may meet. */

import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import { type HostPattern, isBelowAnother, patternsCovering } from '../values/host.ts';

/** A route with its name. */
export interface NamedRoute {
  name: string;
  route: Route;
}

/**
 * Lists the routes that a request may meet for these hosts and, below those that are wildcards, for other hosts of
 * routes: all routes that name the host or a wildcard above it, as if every gateway admitted them.
 */
export function* routesOfHosts(
  configuration: Configuration,
  hosts: ReadonlySet<HostPattern>,
): Generator<[host: HostPattern, routes: NamedRoute[]]> {
  const isWide = [...hosts].some((host) => host.startsWith('*'));
  const above = new Set([...hosts].flatMap((host) => [...patternsCovering(host)]));
  const own = new Map<HostPattern, NamedRoute[]>();
  for (const [name, route] of configuration.entries('route')) {
    const named = new Set(route.hosts);
    for (const host of named) {
      if (!(isWide || above.has(host)) || isBelowAnother(host, named)) continue;
      const routes = own.get(host);
      if (routes) routes.push({ name, route });
      else own.set(host, [{ name, route }]);
    }
  }
  for (const host of isWide ? new Set([...hosts, ...own.keys()]) : hosts) {
    const covering = [...patternsCovering(host)];
    if (covering.some((each) => hosts.has(each))) yield [host, covering.flatMap((each) => own.get(each) ?? [])];
  }
}
