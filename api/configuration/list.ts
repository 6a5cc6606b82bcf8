import type { Kind } from '../../model/kinds/index.ts';
import type { Context } from '../context.ts';
import { labelPair, page } from '../paging.ts';
import { absent } from '../problem.ts';
import { requireKept } from '../publishing/heads/kept.ts';
import type { KeptResource } from '../store/contents.ts';

/** `prefix` and `label` (`key=value`) filter the resources. `cursor` is the `next` of the previous page. */
export interface ListInput {
  tenant: string;
  kind: Kind;
  limit?: number | undefined;
  cursor?: string | undefined;
  prefix?: string | undefined;
  label?: string | undefined;
  revision?: number | undefined;
}

/**
 * Reads one page of the resources of one kind, sorted by name, at the head or at a revision.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function list(
  ctx: Context,
  { tenant, kind, prefix, label, revision, ...query }: ListInput,
): Promise<{ items: KeptResource[]; next?: string }> {
  const filter = {
    ...(prefix !== undefined && { prefix }),
    ...(revision !== undefined && { revision }),
    ...labelPair(label),
  };
  for (;;) {
    if (!(await ctx.store.tenants.find(tenant))) throw absent(`tenant ${tenant}`);
    const { items: outlines, ...next } = await page(
      query,
      (at) => ctx.store.configuration.listOutlines(tenant, kind, { ...at, ...filter }),
      ({ name }) => name,
      ({ size }) => size,
    );
    const items = (await Array.fromAsync(ctx.store.configuration.contents(tenant, outlines))).flat();
    if (revision !== undefined) await requireKept(ctx.store, tenant, revision);
    // A resource that changed may be pruned during the read.
    if (items.length === outlines.length) return { items, ...next };
  }
}
