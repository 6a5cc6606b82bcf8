import type { TokenHolder } from '../access/authenticate.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { TokenOwner } from '../store/tokens.ts';
import { pathOf } from './owner.ts';

/**
 * Revokes a token, and the tokens of the same owner that were created by it. All processes then reject them.
 *
 * @throws Problem `not-found` when the token does not exist or is already revoked
 */
export async function revoke(ctx: Context, { owner, id }: { owner: TokenOwner; id: string }): Promise<void> {
  if (!(await ctx.store.tokens.revoke(owner, id, ctx.now, ctx.audit('revoke', `${pathOf(owner)}/${id}`))))
    throw absent(`token ${id} that is not revoked`);
  const fleet = owner !== 'platform' && 'fleet' in owner ? owner.fleet : undefined;
  const tenant = owner !== 'platform' && 'tenant' in owner ? owner.tenant : undefined;
  // The tokens of the same owner that it created have been revoked too.
  const isOfOwner = (token: TokenHolder) => fleet === undefined && token.tenant === tenant && token.fleet === undefined;
  ctx.services.tokens.forget((token) => token.id === id || isOfOwner(token), fleet);
}
