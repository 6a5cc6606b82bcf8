/** What the current fleets serve of a configuration. It may be large: other requests are answered in between. */
import { hostBindings } from '../../model/binding/host-bindings.ts';
import { gatewayServing, servedBinding } from '../../model/binding/unserved.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Pace } from '../pace.ts';
import type { ClosedServer } from './closed-ports.ts';

/** Places listed of one host of a route: a wildcard may be bound to very many hosts of a gateway. */
const MOST_BOUND = 100;
/** Places counted of one host. */
const MOST_COUNTED = 1_000;
/** Places listed in one response. */
const MOST_LISTED = 10_000;

interface Inputs {
  configuration: Configuration;
  tenant: string;
  fleets: readonly Fleet[];
  /** Servers whose port is closed on some node. */
  shut: readonly ClosedServer[];
}

/** Each gateway, with the servers and hosts that no fleet serves. */
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

/** Each host of each route, with the gateways that serve it. */
export async function unservedRoutes({ configuration, tenant, fleets, shut }: Inputs) {
  // A few routes may be bound to very many hosts.
  const pace = new Pace();
  const services = [];
  let room = MOST_LISTED;
  for (const found of hostBindings(configuration, undefined, MOST_COUNTED)) {
    if (pace.isDue) await pace.rest();
    if (!found) continue;
    const [name, all] = found;
    const hosts = [];
    for (const each of all) {
      if (pace.isDue) await pace.rest();
      const { bound, ...host } = servedBinding(each, configuration, tenant, fleets);
      const listed = bound.slice(0, Math.max(1, Math.min(MOST_BOUND, room))).map((at) => {
        const reasons = closedOn(shut, at.gateway, at.port);
        return { ...at, ...(reasons.length > 0 && { reason: reasons.join('; ') }) };
      });
      room -= listed.length;
      const moreBound = bound.length - listed.length;
      hosts.push({ ...host, bound: listed, ...(moreBound > 0 && { moreBound }) });
    }
    services.push({ name, hosts });
  }
  return services;
}

const closedOn = (shut: readonly ClosedServer[], gateway: string, port?: number): string[] =>
  shut
    .filter((server) => server.gateway === gateway && (port === undefined || server.port === port))
    .map(({ port, fleet, node, message }) => `port ${port} is closed on ${fleet}/${node}: ${message}`);
