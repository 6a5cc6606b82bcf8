import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Destination } from '../route/destination.ts';
import { MOST } from '../upstream/circuit-breaker.ts';

/** A destination of datagrams with its JSON pointer in the route. */
interface Place {
  path: string;
  destination: Destination;
}

/** Lists the destinations of a route's rules for datagrams. */
export const datagramPlaces = ({ udp = [] }: Route): Place[] =>
  udp.flatMap(({ route }, rule) =>
    route.map(({ destination }, index) => ({ path: `/udp/${rule}/route/${index}/destination`, destination })),
  );

/** Returns how many sessions one Envoy may keep for an upstream, or for one of its subsets. */
export const mostSessions = (configuration: Configuration, upstream: string): number =>
  configuration.get('upstream', upstream)?.circuitBreaker?.maxConnections ?? MOST;

/**
 * Returns how many sessions one Envoy may keep for a tenant's rules for datagrams: `circuitBreaker.maxConnections` of each
 * upstream and subset to which a rule sends datagrams. Each session is a socket, and anybody can begin one.
 */
export function udpSessions(configuration: Configuration): number {
  const limits = new Map<string, number>();
  for (const [, route] of configuration.entries('route'))
    for (const { destination } of datagramPlaces(route)) {
      const { upstream, subset = '' } = destination;
      limits.set(`${upstream}/${subset}`, mostSessions(configuration, upstream));
    }
  return [...limits.values()].reduce((sum, limit) => sum + limit, 0);
}
