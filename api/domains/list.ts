import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import { absent } from '../problem.ts';
import type { Domain } from '../store/domains.ts';

/**
 * Reads one page of the domains of a tenant, sorted by name.
 *
 * @throws Problem `not-found` when the tenant does not exist
 */
export async function list(
  ctx: Context,
  { tenant, ...query }: { tenant: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Domain[]; next?: string }> {
  if (!(await ctx.store.tenants.find(tenant))) throw absent(`tenant ${tenant}`);
  return page(
    query,
    (at) => ctx.store.domains.list(tenant, at),
    ({ name }) => name,
  );
}
