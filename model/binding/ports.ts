/** Binds a tenant's routes to the ports of a fleet whose clients send no host, such as ports for databases. */
import type { Configuration } from '../configuration.ts';
import { type Fleet, protocolOn, selects } from '../fleet.ts';
import type { Server } from '../kinds/gateway.ts';
import type { Route } from '../kinds/route.ts';
import type { ConnectionRule } from '../route/tcp.ts';
import { type HostPattern, intersect } from '../values/host.ts';
import { type Protocol, type ServerProtocol, sendsHost, transportOf } from '../values/protocol.ts';
import { namesServer } from './bound-servers.ts';
import { getOrAdd } from './get-or-add.ts';
import { handlingOf } from './handling.ts';
import type { BoundRoute } from './route-hosts.ts';
import type { ServerPlace } from './server-hosts.ts';

/** A port that a tenant uses on a fleet, with the routes that serve its connections. */
export interface PortBinding {
  number: number;
  protocol: Protocol;
  /** The servers that open the port. */
  servers: readonly ServerPlace[];
  /** The routes in the order of their names, each with the first server through which it is bound. */
  routes: readonly BoundRoute[];
}

/** Returns the name of a port among all ports of a fleet: `tcp/5432`. */
export const portZone = ({ number, protocol }: { number: number; protocol: Protocol | ServerProtocol }): string =>
  `${transportOf(protocol)}/${number}`;

/**
 * Finds the ports that a tenant uses on a fleet, among those whose clients send no host.
 *
 * @returns the ports by the name that {@link portZone} gives them
 */
export function portBindings(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
): ReadonlyMap<string, PortBinding> {
  const found = new Map<string, PortBinding & { servers: ServerPlace[]; routes: BoundRoute[] }>();
  for (const [gateway, spec] of configuration.entries('gateway')) {
    if (!selects(spec, tenant, fleet)) continue;
    for (const [server, opening] of spec.servers.entries()) {
      const { number } = opening.port;
      const protocol = sendsHost(opening.port.protocol) ? undefined : protocolOn(fleet, opening);
      if (!protocol) continue;
      const make = () => ({ number, protocol, servers: [], routes: [] });
      getOrAdd(found, portZone(opening.port), make).servers.push({ gateway, server });
    }
  }
  if (found.size === 0) return found;
  for (const [route, spec] of configuration.entries('route')) {
    for (const { servers, routes, ...port } of found.values()) {
      const through = servers.find(({ gateway, server }) =>
        isBound(spec, gateway, configuration.get('gateway', gateway)!.servers[server]!),
      );
      if (through && usesPort(spec, port)) routes.push({ route, through });
    }
  }
  return found;
}

/** Whether a route names the gateway or the server and, if it has hosts, one that the server admits. */
const isBound = ({ gateways = [], hosts }: Pick<Route, 'gateways' | 'hosts'>, gateway: string, server: Server) =>
  namesServer(gateways, gateway, server) && (hosts === undefined || meet(hosts, server.hosts));

const meet = (a: readonly HostPattern[], b: readonly HostPattern[]): boolean =>
  a.some((one) => b.some((other) => intersect(one, other) !== undefined));

/** Whether a route has rules for the requests or connections of a server's port. */
export function hasSectionFor(route: Route, { port, tls }: Pick<Server, 'port' | 'tls'>): boolean {
  if (!sendsHost(port.protocol)) return usesPort(route, port);
  const handling = handlingOf({ port, tls });
  if (handling === 'requests') return route.http !== undefined;
  return (route.tls !== undefined && handling !== 'automatic') || (handling === 'decrypted' && usesPort(route, port));
}

/** Returns the rules of a route for the connections or datagrams of a protocol whose clients send no host. */
export const connectionRules = (
  { tcp = [], udp = [] }: Route,
  protocol: Protocol | ServerProtocol,
): readonly ConnectionRule[] => (transportOf(protocol) === 'udp' ? udp : tcp);

/** Whether a rule of the route can match connections to the port. */
const usesPort = (route: Route, port: { number: number; protocol: Protocol | ServerProtocol }): boolean =>
  connectionRules(route, port.protocol).some(({ match = [{}] }) =>
    match.some(({ port: number }) => number === undefined || number === port.number),
  );
