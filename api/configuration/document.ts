import type { ConfigurationDocument } from '../../model/configuration.ts';
import type { Context } from '../context.ts';

/**
 * The whole configuration, now or as of a revision, without private keys.
 *
 * @throws Problem `not-found`
 */
export async function document(
  ctx: Context,
  { tenant, revision }: { tenant: string; revision?: number | undefined },
): Promise<{ revision: number; document: ConfigurationDocument }> {
  ctx.authorize('tenant:read', { tenant });
  const head = await ctx.house.heads.at(tenant, revision);
  return { revision: head.revision, document: head.configuration.document() };
}
