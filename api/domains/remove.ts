import type { Context } from '../context.ts';
import { absent } from '../problem.ts';

/**
 * Ends the claim of a tenant on a domain.
 *
 * @throws Problem `not-found` when the tenant has not claimed it
 */
export async function remove(ctx: Context, { tenant, domain }: { tenant: string; domain: string }): Promise<void> {
  const target = `tenants/${tenant}/domains/${domain}`;
  if (!(await ctx.store.domains.remove(tenant, domain, ctx.audit('release', target))))
    throw absent(`domain ${domain} that the tenant ${tenant} has claimed`);
}
