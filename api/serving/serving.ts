import { meshFleets } from '../../model/binding/mesh.ts';
import type { Configuration } from '../../model/configuration.ts';
import { type Fleet as ModelFleet, selects } from '../../model/fleet.ts';
import type { SpecOf } from '../../model/kinds/index.ts';
import { type Pausable, withoutPauses } from '../../model/pausable.ts';
import type { HostPattern } from '../../model/values/host.ts';
import { sendsHost } from '../../model/values/protocol.ts';
import { publicSuffix } from '../../model/values/public-suffix.ts';
import type { Fleet } from '../store/fleets.ts';

type Gateway = SpecOf<'gateway'>;

/** Whether a fleet serves a gateway of a tenant. */
export const serves = (fleet: ModelFleet, tenant: string, gateway: Gateway): boolean => selects(gateway, tenant, fleet);

/**
 * Returns the fleets that serve at least one of these gateways, or the mesh of one of these configurations.
 *
 * @param configurations default: none, so the mesh does not count
 */
export function fleetsOf(
  fleets: readonly Fleet[],
  tenant: string,
  gateways: readonly Gateway[],
  configurations: readonly Configuration[] = [],
): Fleet[] {
  const mesh = meshFleets(fleets, tenant, configurations);
  return fleets.filter((fleet) => mesh.includes(fleet) || gateways.some((gateway) => serves(fleet, tenant, gateway)));
}

/**
 * Computes the hosts that the tenant claims, so that no other tenant can use them. The tenant claims the hosts of all
 * its gateways, except gateways that only dedicated fleets serve.
 *
 * A gateway that no fleet serves yet also claims its hosts. Otherwise, a fleet added later could serve the same host
 * for two tenants. The host `*` and public suffixes such as `com` are never claimed, because a claim would keep other
 * tenants from their own hosts, and shared fleets serve these hosts for no tenant. The hosts of servers whose clients
 * send no host are not claimed: the tenant claims the port (`./port-claims.ts`).
 */
export function* claiming(
  fleets: readonly Fleet[],
  tenant: string,
  gateways: readonly Gateway[],
): Pausable<Set<HostPattern>> {
  const claims = new Set<HostPattern>();
  for (const gateway of gateways) {
    if (!isClaiming(fleets, tenant, gateway)) continue;
    for (const { hosts, port } of gateway.servers) {
      yield;
      if (!sendsHost(port.protocol)) continue;
      for (const host of hosts) if (isOwnable(host)) claims.add(host);
    }
  }
  return claims;
}

/** Whether the tenant claims the hosts of this gateway: yes, unless only dedicated fleets serve the gateway. */
export function isClaiming(fleets: readonly Fleet[], tenant: string, gateway: Gateway): boolean {
  const serving = fleets.filter((fleet) => serves(fleet, tenant, gateway));
  return serving.length === 0 || serving.some((fleet) => fleet.tenant === undefined);
}

/** Whether a shared fleet serves this gateway. */
export const isOnShared = (fleets: readonly Fleet[], tenant: string, gateway: Gateway): boolean =>
  fleets.some((fleet) => fleet.tenant === undefined && serves(fleet, tenant, gateway));

/** Does the same as {@link claiming}, without pauses. */
export const claimsOf = (
  fleets: readonly Fleet[],
  tenant: string,
  gateways: readonly Gateway[],
): ReturnType<typeof hostsOf> => withoutPauses(claiming(fleets, tenant, gateways));

/** Returns every host that these gateways name. */
export const hostsOf = (gateways: readonly Gateway[]): Set<string> =>
  new Set(gateways.flatMap(({ servers }) => servers.flatMap(({ hosts }) => hosts)));

/** Whether one tenant can claim the host. */
const isOwnable = (host: HostPattern): boolean => host !== '*' && publicSuffix(host) === undefined;
