import { portZone } from '../../model/binding/ports.ts';
import type { SpecOf } from '../../model/kinds/index.ts';
import { sendsHost } from '../../model/values/protocol.ts';
import type { Fleet } from '../store/fleets.ts';
import { type FleetPort, keyOf } from '../store/port-claims.ts';
import { serves } from './serving.ts';

type Gateway = SpecOf<'gateway'>;

/**
 * Computes the ports that a tenant claims, so that no other tenant can use them: on each shared fleet that serves its
 * gateways, the ports of servers whose clients send no host. A port is also claimed on a fleet that does not offer it.
 * Otherwise the operator could not offer it later without giving it to two tenants.
 *
 * @returns the ports, by a key that is equal for equal ports
 */
export function portsOf(
  fleets: readonly Fleet[],
  tenant: string,
  gateways: readonly Gateway[],
): ReadonlyMap<string, FleetPort> {
  const found = new Map<string, FleetPort>();
  for (const gateway of gateways) {
    for (const { port } of gateway.servers) {
      if (sendsHost(port.protocol)) continue;
      for (const fleet of fleets) {
        if (fleet.tenant !== undefined || !serves(fleet, tenant, gateway)) continue;
        const claim = { fleet: fleet.name, port: portZone(port) };
        found.set(keyOf(claim), claim);
      }
    }
  }
  return found;
}

/** Returns the members of `a` whose key `b` does not have. */
export const missingIn = (a: ReadonlyMap<string, FleetPort>, b: ReadonlyMap<string, FleetPort>): FleetPort[] =>
  [...a].flatMap(([key, port]) => (b.has(key) ? [] : [port]));
