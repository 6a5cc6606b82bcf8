import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import { absent } from '../problem.ts';
import type { Revision } from '../store/revisions.ts';

/** Of one change as JSON. */
const CHANGE_BYTES = 60;

/** @throws Problem `not-found` */
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
