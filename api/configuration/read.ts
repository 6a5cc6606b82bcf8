import type { Kind } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { requireKept } from '../publishing/heads/kept.ts';
import type { KeptResource } from '../store/contents.ts';
import { etag } from '../version.ts';

/**
 * Reads one resource with its ETag, at the head or at a revision.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function read(
  ctx: Context,
  { tenant, kind, name, revision }: { tenant: string; kind: Kind; name: string; revision?: number | undefined },
): Promise<KeptResource & { etag: string }> {
  const found = await ctx.store.configuration.resource(tenant, kind, name, revision);
  if (revision !== undefined) await requireKept(ctx.store, tenant, revision);
  if (!found) throw absent(`${resourceName(kind, name)} in the tenant ${tenant}`);
  const { tenantCreatedAt: createdAt, ...resource } = found;
  return { ...resource, etag: etag({ version: found.revision, createdAt }) };
}
