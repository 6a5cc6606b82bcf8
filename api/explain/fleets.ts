import type { Configuration } from '../../model/configuration.ts';
import { fleetsOf } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';

/** The fleets that a tenant may know of: those of other tenants are none of its business. */
export const visibleFleets = (all: readonly Fleet[], tenant: string): Fleet[] =>
  all.filter((fleet) => fleet.tenant === undefined || fleet.tenant === tenant);

/** Those that serve a gateway of any of these configurations of the tenant. */
export function servingFleets(
  all: readonly Fleet[],
  tenant: string,
  configurations: readonly Configuration[],
): Fleet[] {
  const gateways = configurations.flatMap((each) => [...each.entries('gateway')].map(([, gateway]) => gateway));
  return fleetsOf(visibleFleets(all, tenant), tenant, gateways);
}
