/** Finds the routes that are bound to a host: a host of the route covers it, and a gateway of the route admits it. */
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { getOrAdd } from './get-or-add.ts';
import type { Admission, ServerPlace } from './server-hosts.ts';

/** Names of routes by their own host, then by the entries of their `gateways`. */
export type RoutesByHost = ReadonlyMap<HostPattern, RoutesByGateway>;
type RoutesByGateway = ReadonlyMap<string, readonly string[]>;

/** A route with the gateway server through which it serves a host. */
export interface BoundRoute {
  route: string;
  through: ServerPlace;
}

/**
 * Bound routes by server, then by name. Very many hosts may have the same routes through the same server. They share
 * one object per route.
 */
export type KnownBoundRoutes = Map<ServerPlace, Map<string, BoundRoute>>;

/** Groups the tenant's routes for requests by host, then by the entries of their `gateways`. */
export function routesByHost(configuration: Configuration): RoutesByHost {
  const all = new Map<HostPattern, Map<string, string[]>>();
  for (const [name, { hosts = [], gateways = [], http }] of configuration.entries('route')) {
    if (!http) continue;
    for (const host of hosts) {
      const there = getOrAdd(all, host, () => new Map<string, string[]>());
      for (const gateway of gateways) getOrAdd(there, gateway, (): string[] => []).push(name);
    }
  }
  return all;
}

const withoutRules = (route: Route): string => JSON.stringify({ ...route, http: [] });

/** Whether the routes of both configurations are the same, except for the rules of their `http`. */
export function haveSameHosts(a: Configuration, b: Configuration): boolean {
  if (a.size('route') !== b.size('route')) return false;
  for (const [name, route] of a.entries('route')) {
    const other = b.get('route', name);
    if (other === route) continue;
    if (!other || !route.http !== !other.http) return false;
    if (withoutRules(route) !== withoutRules(other)) return false;
  }
  return true;
}

/**
 * Returns the routes that serve a host, in order of precedence: the route with the more specific own host first, then
 * by name.
 *
 * A route may be bound through several gateways or servers that admit the host. It counts as bound through the first of
 * them by name, so the result does not depend on the order in which routes and gateways are written.
 *
 * @param admission the admission that decides about the host
 * @param known a cache of bound routes that calls share; this function adds to it
 */
export function boundRoutes(
  host: HostPattern,
  { servers }: Admission,
  routes: RoutesByHost,
  known: KnownBoundRoutes = new Map(),
): BoundRoute[] {
  const all = new Map<string, BoundRoute>();
  for (const above of patternsCovering(host)) {
    const byGateway = routes.get(above);
    if (!byGateway) continue;
    const through = new Map<string, string>();
    for (const gateway of common(byGateway, servers)) {
      for (const route of byGateway.get(gateway)!) {
        const first = through.get(route);
        if (first === undefined || gateway < first) through.set(route, gateway);
      }
    }
    for (const route of [...through.keys()].sort()) {
      if (all.has(route)) continue;
      const server = servers.get(through.get(route)!)!;
      const here = getOrAdd(known, server, () => new Map<string, BoundRoute>());
      all.set(
        route,
        getOrAdd(here, route, () => ({ route, through: server })),
      );
    }
  }
  return [...all.values()];
}

/** Whether any route is bound to a host. */
export function hasRoutes(host: HostPattern, admission: Admission, routes: RoutesByHost): boolean {
  for (const above of patternsCovering(host)) if (isBoundAt(above, admission, routes)) return true;
  return false;
}

/** Whether a route with exactly this host names a gateway of the admission. */
export function isBoundAt(host: HostPattern, admission: Admission | undefined, routes: RoutesByHost): boolean {
  const byGateway = routes.get(host);
  if (!byGateway || !admission) return false;
  for (const _ of common(byGateway, admission.servers)) return true;
  return false;
}

/** Lists the keys that both maps have: gateways, and servers as `gateway:portName`. It iterates over the smaller map, because either may be very large. */
function* common(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): Generator<string> {
  const [fewer, more] = a.size <= b.size ? [a, b] : [b, a];
  for (const gateway of fewer.keys()) if (more.has(gateway)) yield gateway;
}
