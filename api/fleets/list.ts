import type { Context } from '../context.ts';
import { labelPair, page } from '../paging.ts';
import type { Fleet } from '../store/fleets.ts';

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
