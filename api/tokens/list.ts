import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import type { Token, TokenOwner } from '../store/tokens.ts';
import { requireOwner } from './owner.ts';

/** Revoked ones too: they explain the audit log. */
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
