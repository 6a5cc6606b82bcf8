/**
 * Finds the parts of a configuration that the current fleets do not serve. A configuration may be large, so these
 * functions pause to let other requests run.
 */

import { hostBindings } from '../../model/binding/host-bindings.ts';
import { isInMesh, servesMesh } from '../../model/binding/mesh.ts';
import { gatewayServing, servedBinding } from '../../model/binding/unserved.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { isForeign } from '../../model/values/reference.ts';
import { Pace } from '../pace.ts';
import type { ClosedServer } from './closed-ports.ts';

/**
 * The maximum number of bound places that are listed per host of a route. A wildcard may be bound to very many hosts
 * of a gateway.
 */
const MOST_BOUND = 100;
/** The maximum number of bound places that are counted per host of a route. */
const MOST_COUNTED = 1_000;
/** The maximum number of bound places that one response lists. */
const MOST_LISTED = 10_000;

/** A configuration, and the fleets to compare it with. */
interface Inputs {
  configuration: Configuration;
  tenant: string;
  fleets: readonly Fleet[];
  /** The servers whose port is closed on a node. */
  shut: readonly ClosedServer[];
}

/** Returns the status of each gateway: the fleets that serve it, and the servers and hosts that no fleet serves. */
export async function unservedGateways({ configuration, tenant, fleets, shut }: Inputs) {
  const pace = new Pace(configuration.size('gateway'));
  const services = [];
  for (const [name, gateway] of configuration.entries('gateway')) {
    if (pace.isDue) await pace.rest();
    const { reason, ...service } = gatewayServing(gateway, tenant, fleets);
    const reasons = reason === undefined ? closedOn(shut, name) : [reason];
    services.push({ name, ...service, ...(reasons.length > 0 && { reason: reasons.join('; ') }) });
  }
  return services;
}

/** Returns the status of each route: for each of its hosts, the gateways and ports through which it is served. */
export async function unservedRoutes({ configuration, tenant, fleets, shut }: Inputs) {
  // Even one route may be bound to very many hosts, so the number of routes does not limit the work.
  const pace = new Pace();
  const services = [];
  let room = MOST_LISTED;
  const own = configuration.names('route').filter((name) => !isForeign(name));
  for (const found of hostBindings(configuration, own, MOST_COUNTED)) {
    if (pace.isDue) await pace.rest();
    if (!found) continue;
    const [name, all] = found;
    const hosts = [];
    for (const each of all) {
      if (pace.isDue) await pace.rest();
      const { bound, unbound = [], ...host } = servedBinding(each, configuration, tenant, fleets);
      const listed = bound.slice(0, Math.max(1, Math.min(MOST_BOUND, room))).map((at) => {
        const reasons = closedOn(shut, at.gateway, at.port);
        return { ...at, ...(reasons.length > 0 && { reason: reasons.join('; ') }) };
      });
      room -= listed.length;
      const moreBound = bound.length - listed.length;
      const missed = unbound.slice(0, Math.max(0, room));
      room -= missed.length;
      hosts.push({
        ...host,
        bound: listed,
        ...(moreBound > 0 && { moreBound }),
        ...(missed.length > 0 && { unbound: missed }),
      });
    }
    services.push({ name, ...meshOf(configuration, name, tenant, fleets), hosts });
  }
  return services;
}

/** Returns the fleets that serve a route in the mesh; nothing for a route that is not bound to it. */
function meshOf(configuration: Configuration, route: string, tenant: string, fleets: readonly Fleet[]) {
  if (!isInMesh(configuration.get('route', route)!)) return {};
  const serving = fleets.filter((fleet) => servesMesh(fleet, tenant)).map(({ name }) => name);
  return { mesh: { fleets: serving, ...(serving.length === 0 && { reason: NO_MESH }) } };
}

const NO_MESH =
  'no fleet belongs to this tenant alone, and only such a fleet serves `mesh`: for other clients, name a gateway in `gateways` of the route';

/** Describes the closed ports of a gateway in words. With `port`, it describes only the closed nodes of this port. */
const closedOn = (shut: readonly ClosedServer[], gateway: string, port?: number): string[] =>
  shut
    .filter((server) => server.gateway === gateway && (port === undefined || server.port === port))
    .map(({ port, fleet, node, message }) => `port ${port} is closed on ${fleet}/${node}: ${message}`);
