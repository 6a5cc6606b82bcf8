import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Domain } from '../store/domains.ts';

/**
 * Reads one domain of a tenant.
 *
 * @throws Problem `not-found` when the tenant has not claimed it
 */
export async function read(ctx: Context, { tenant, domain }: { tenant: string; domain: string }): Promise<Domain> {
  const found = await ctx.store.domains.find(tenant, domain);
  if (!found) throw absent(`domain ${domain} that the tenant ${tenant} has claimed`);
  return found;
}
