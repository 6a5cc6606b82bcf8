import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import type { Token, TokenOwner } from '../store/tokens.ts';
import { requireOwner } from './owner.ts';

/**
 * Reads one page of the tokens of an owner. It includes revoked tokens, because the audit log refers to them.
 *
 * @throws Problem `not-found` when the owner does not exist
 */
export async function list(
  ctx: Context,
  { owner, ...query }: { owner: TokenOwner; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Token[]; next?: string }> {
  await requireOwner(ctx, owner);
  return page(
    query,
    (at) => ctx.store.tokens.list(owner, at),
    ({ id }) => id,
  );
}
