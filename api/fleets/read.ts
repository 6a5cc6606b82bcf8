import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Reads one fleet.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function read(ctx: Context, { fleet: name }: { fleet: string }): Promise<Fleet> {
  const fleet = await ctx.store.fleets.find(name);
  if (!fleet) throw absent(`fleet ${name}`);
  return fleet;
}
