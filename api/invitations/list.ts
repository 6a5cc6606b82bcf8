import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import { absent } from '../problem.ts';
import type { Invitation } from '../store/invitations.ts';

/**
 * Reads one page of the invitations to a tenant, also of those that were accepted or revoked, or have expired.
 *
 * @throws Problem `not-found` when the tenant does not exist
 */
export async function list(
  ctx: Context,
  { tenant, ...query }: { tenant: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Invitation[]; next?: string }> {
  if (!(await ctx.store.tenants.find(tenant))) throw absent(`tenant ${tenant}`);
  return page(
    query,
    (at) => ctx.store.invitations.list(tenant, at),
    ({ id }) => id,
  );
}
