import type { Context } from '../context.ts';
import { labelPair, page } from '../paging.ts';
import type { Tenant } from '../store/tenants.ts';

interface ListInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  prefix?: string | undefined;
  label?: string | undefined;
}

/** Reads one page of the tenants, sorted by name. `prefix` and `label` (`key=value`) filter them. */
export async function list(
  ctx: Context,
  { prefix, label, ...query }: ListInput,
): Promise<{ items: Tenant[]; next?: string }> {
  const filter = { ...(prefix !== undefined && { prefix }), ...labelPair(label) };
  return page(
    query,
    (at) => ctx.store.tenants.list({ ...at, ...filter }),
    ({ name }) => name,
  );
}
