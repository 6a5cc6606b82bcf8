import { delegationOf } from '../../model/binding/delegation.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Context } from '../context.ts';
import { knownFleets } from '../publishing/sharing/known-fleets.ts';
import { fleetsOf } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';

/** Returns the fleets that a tenant may know: all shared fleets, and the fleets dedicated to the tenant. */
export const visibleFleets = (all: readonly Fleet[], tenant: string): Fleet[] =>
  all.filter((fleet) => fleet.tenant === undefined || fleet.tenant === tenant);

/**
 * Returns the fleets that serve a gateway of at least one of these configurations of the tenant.
 *
 * @param mesh whether fleets count that serve only the mesh
 */
export function servingFleets(
  all: readonly Fleet[],
  tenant: string,
  configurations: readonly Configuration[],
  { mesh }: { mesh: boolean },
): Fleet[] {
  const gateways = configurations.flatMap((each) => [...each.entries('gateway')].map(([, gateway]) => gateway));
  return fleetsOf(visibleFleets(all, tenant), tenant, gateways, mesh ? configurations : []);
}

/**
 * Returns the shared fleets that serve the tenants which routes of a configuration name as parents, if these delegate
 * to them.
 */
export async function parentFleets(
  { services }: Context,
  all: readonly Fleet[],
  tenant: string,
  configuration: Configuration,
): Promise<Fleet[]> {
  if (delegationOf(configuration).parents.size === 0) return [];
  const known = await knownFleets(services, all, tenant, configuration);
  return known.filter((fleet) => fleet.tenant === undefined);
}
