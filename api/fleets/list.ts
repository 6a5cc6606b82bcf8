import type { Context } from '../context.ts';
import { labelPair, page } from '../paging.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Reads one page of all fleets, sorted by name.
 *
 * @param query `limit`: the maximum number of fleets; `cursor`: the `next` of the previous page; `label`: only fleets
 *   with this label, as `key=value`
 * @returns the fleets, and the cursor of the next page unless this page is the last one
 */
export async function list(
  ctx: Context,
  { label, ...query }: { limit?: number | undefined; cursor?: string | undefined; label?: string | undefined },
): Promise<{ items: Fleet[]; next?: string }> {
  return page(
    query,
    (at) => ctx.store.fleets.list({ ...at, ...labelPair(label) }),
    ({ name }) => name,
  );
}
