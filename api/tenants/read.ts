import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Tenant } from '../store/tenants.ts';

/**
 * Reads one tenant.
 *
 * @throws Problem `not-found` when the tenant does not exist
 */
export async function read(ctx: Context, { tenant: name }: { tenant: string }): Promise<Tenant> {
  const tenant = await ctx.store.tenants.find(name);
  if (!tenant) throw absent(`tenant ${name}`);
  return tenant;
}
