import { type Fleet as ModelFleet, selects } from '../../model/fleet.ts';
import type { SpecOf } from '../../model/kinds/index.ts';
import { finished, type Steps } from '../../model/steps.ts';
import type { HostPattern } from '../../model/values/host.ts';
import { publicSuffix } from '../../model/values/public-suffix.ts';
import type { Fleet } from '../store/fleets.ts';

type Gateway = SpecOf<'gateway'>;

export const serves = (fleet: ModelFleet, tenant: string, gateway: Gateway): boolean => selects(gateway, tenant, fleet);

/** Fleets that serve at least one of these gateways. */
export function fleetsOf(fleets: readonly Fleet[], tenant: string, gateways: readonly Gateway[]): Fleet[] {
  return fleets.filter((fleet) => gateways.some((gateway) => serves(fleet, tenant, gateway)));
}

/**
 * Hosts that no other tenant may hold while this one does: of every gateway but those served by dedicated fleets alone.
 * A gateway that no fleet serves yet claims too, or a fleet added later would bring two holders together. What no
 * shared fleet serves, whoever asks, is not held: it would keep other tenants from their own hosts.
 */
export function* claiming(
  fleets: readonly Fleet[],
  tenant: string,
  gateways: readonly Gateway[],
): Steps<Set<HostPattern>> {
  const claims = new Set<HostPattern>();
  for (const gateway of gateways) {
    if (!isClaiming(fleets, tenant, gateway)) continue;
    for (const { hosts } of gateway.servers) {
      yield;
      for (const host of hosts) if (isOwnable(host)) claims.add(host);
    }
  }
  return claims;
}

/** Whether the hosts of this gateway are claimed: dedicated fleets alone need no claim. */
export function isClaiming(fleets: readonly Fleet[], tenant: string, gateway: Gateway): boolean {
  const serving = fleets.filter((fleet) => serves(fleet, tenant, gateway));
  return serving.length === 0 || serving.some((fleet) => fleet.tenant === undefined);
}

/** The same as {@link claiming} in one go. */
export const claimsOf = (
  fleets: readonly Fleet[],
  tenant: string,
  gateways: readonly Gateway[],
): ReturnType<typeof hostsOf> => finished(claiming(fleets, tenant, gateways));

/** Every host that these gateways name. */
export const hostsOf = (gateways: readonly Gateway[]): Set<string> =>
  new Set(gateways.flatMap(({ servers }) => servers.flatMap(({ hosts }) => hosts)));

const isOwnable = (host: HostPattern): boolean => host !== '*' && publicSuffix(host) === undefined;
