import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { requireKept } from '../publishing/heads/kept.ts';
import type { Revision } from '../store/revisions.ts';

/**
 * Reads one revision, without its configuration.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function read(
  ctx: Context,
  { tenant, revision }: { tenant: string; revision: number },
): Promise<Revision> {
  const found = await ctx.store.revisions.find(tenant, revision);
  await requireKept(ctx.store, tenant, revision);
  if (!found) throw absent(`revision ${revision}`);
  return found;
}
