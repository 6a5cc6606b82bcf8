import { type Fleet as ModelFleet, selects } from '../../model/fleet.ts';
import type { SpecOf } from '../../model/kinds.ts';
import type { Fleet } from '../store/port.ts';

type Gateway = SpecOf<'gateway'>;

export const serves = (fleet: ModelFleet, tenant: string, gateway: Gateway): boolean => selects(gateway, tenant, fleet);

/** Fleets that serve at least one of these gateways. */
export function fleetsOf(fleets: readonly Fleet[], tenant: string, gateways: readonly Gateway[]): Fleet[] {
  return fleets.filter((fleet) => gateways.some((gateway) => serves(fleet, tenant, gateway)));
}

/**
 * Hosts that no other tenant may hold while this one does: of every gateway but those served by dedicated fleets alone.
 * A gateway that no fleet serves yet claims too, or a fleet added later would bring two holders together.
 */
export function claimsOf(fleets: readonly Fleet[], tenant: string, gateways: readonly Gateway[]): Set<string> {
  const claims = new Set<string>();
  for (const gateway of gateways) {
    const serving = fleets.filter((fleet) => serves(fleet, tenant, gateway));
    if (serving.length > 0 && serving.every((fleet) => fleet.tenant !== undefined)) continue;
    for (const server of gateway.servers) for (const host of server.hosts) if (host !== '*') claims.add(host);
  }
  return claims;
}

/** Certificates that a gateway's servers refer to. */
export function credentialsOf(gateway: Gateway): string[] {
  return gateway.servers.flatMap((server) => (server.tls ? [server.tls.credentialName] : []));
}
