import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Lists the fleets that a tenant manages, sorted by name. A plan limits their number, so there is one page.
 *
 * @throws Problem `not-found` when the tenant does not exist
 */
export async function listOwn(ctx: Context, { tenant }: { tenant: string }): Promise<Fleet[]> {
  if (!(await ctx.store.tenants.find(tenant))) throw absent(`tenant ${tenant}`);
  return ctx.store.fleets.managedBy(tenant);
}
