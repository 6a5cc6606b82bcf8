import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import { absent } from '../problem.ts';
import type { Revision } from '../store/revisions.ts';

/** The approximate size of one change as JSON, in bytes. */
const CHANGE_BYTES = 60;

/**
 * Reads one page of the revisions of a tenant, newest first.
 *
 * @throws Problem `not-found` when the tenant does not exist
 */
export async function list(
  ctx: Context,
  { tenant, ...query }: { tenant: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Revision[]; next?: string }> {
  if (!(await ctx.store.tenants.find(tenant))) throw absent(`tenant ${tenant}`);
  return page(
    query,
    (at) => ctx.store.revisions.list(tenant, at),
    ({ number }) => String(number),
    ({ changes }) => changes.length * CHANGE_BYTES,
  );
}
