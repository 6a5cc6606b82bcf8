import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import { absent } from '../problem.ts';
import type { KnownMember } from '../store/members.ts';

/**
 * Reads one page of the members of a tenant.
 *
 * @throws Problem `not-found` when the tenant does not exist
 */
export async function list(
  ctx: Context,
  { tenant, ...query }: { tenant: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: KnownMember[]; next?: string }> {
  if (!(await ctx.store.tenants.find(tenant))) throw absent(`tenant ${tenant}`);
  return page(
    query,
    (at) => ctx.store.members.list(tenant, at),
    ({ person }) => person,
  );
}
