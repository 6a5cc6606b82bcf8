import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { page } from '../paging.ts';
import { absent } from '../problem.ts';
import type { Revision } from '../store/revisions.ts';

/** The size of the changes that one query reads, in bytes. A larger revision is read alone. */
const PIECE = 262_144;

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
  const { items: sizes, ...next } = await page(
    query,
    (at) => ctx.store.revisions.sizes(tenant, at),
    ({ number }) => String(number),
    ({ size }) => size,
    /^\d{1,15}$/,
  );
  const items: Revision[] = [];
  const pace = new Pace();
  for (let from = 0; from < sizes.length; ) {
    if (pace.isDue) await pace.rest();
    let to = from;
    for (let size = 0; to < sizes.length && size < PIECE; to++) size += sizes[to]!.size;
    items.push(
      ...(await ctx.store.revisions.list(tenant, { limit: to - from, after: String(sizes[from]!.number + 1) })),
    );
    from = to;
  }
  return { items, ...next };
}
