import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';
import type { FleetPath } from './owners.ts';

/**
 * Reads a fleet, if the caller may know it.
 *
 * @throws Problem `not-found` when the fleet does not exist, or is not a fleet of the tenant
 */
export async function requireFleet(ctx: Context, { fleet: name, tenant }: FleetPath): Promise<Fleet> {
  const fleet = await ctx.store.fleets.find(name);
  if (!fleet || (tenant !== undefined && fleet.tenant !== tenant)) throw absent(`fleet ${name}`);
  return fleet;
}
