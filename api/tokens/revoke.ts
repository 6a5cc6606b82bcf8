import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { TokenOwner } from '../store/tokens.ts';
import { pathOf } from './owner.ts';

/**
 * Revokes a token. All processes then reject it.
 *
 * @throws Problem `not-found` when the token does not exist or is already revoked
 */
export async function revoke(ctx: Context, { owner, id }: { owner: TokenOwner; id: string }): Promise<void> {
  if (!(await ctx.store.tokens.revoke(owner, id, ctx.now, ctx.audit('revoke', `${pathOf(owner)}/${id}`))))
    throw absent(`token ${id} that is not revoked`);
  const fleet = owner !== 'platform' && 'fleet' in owner ? owner.fleet : undefined;
  ctx.services.tokens.forget((token) => token.id === id, fleet);
}
