import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';

/** @throws Problem `not-found` */
export async function read(ctx: Context, { fleet: name }: { fleet: string }): Promise<Fleet> {
  const fleet = await ctx.store.fleets.find(name);
  if (!fleet) throw absent(`fleet ${name}`);
  return fleet;
}
