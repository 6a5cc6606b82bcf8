import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import type { RegisteredEndpoint } from '../store/endpoints.ts';
import { momentOf } from './moment.ts';
import { readUpstream } from './upstream.ts';

/**
 * Reads one page of the registered endpoints of an upstream.
 *
 * @throws Problem `not-found` when the tenant or the upstream does not exist
 */
export async function list(
  ctx: Context,
  {
    tenant,
    upstream,
    ...query
  }: { tenant: string; upstream: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: RegisteredEndpoint[]; next?: string }> {
  await readUpstream(ctx, tenant, upstream);
  return page(
    query,
    (at) => ctx.store.endpoints.list({ tenant, upstream }, at, momentOf(ctx.services)),
    ({ id }) => id,
  );
}
