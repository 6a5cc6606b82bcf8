import { authorize } from '../access/authorize.ts';
import type { Access } from '../access/matrix.ts';
import { managerOf } from '../access/target.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Reads a fleet, and authorizes the caller again: the pipeline may have judged by a list of fleets that is a few seconds
 * old. Meanwhile the fleet may have been removed, and another one of its name may belong to somebody else.
 *
 * @throws Problem `not-found` when the fleet does not exist
 * @throws Problem `forbidden`
 */
export async function requireFleet(ctx: Context, access: Access, name: string): Promise<Fleet> {
  const fleet = await ctx.store.fleets.find(name);
  if (!fleet) throw absent(`fleet ${name}`);
  authorize(ctx.principal, access, { tenant: managerOf(fleet), fleet: name });
  return fleet;
}
