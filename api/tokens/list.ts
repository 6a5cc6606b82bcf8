import type { Context } from '../context.ts';
import { page } from '../http/paging.ts';
import type { Token } from '../store/port.ts';
import { authorizeOwner, type Owner, requireOwner } from './owner.ts';

/** Revoked ones too: they explain the audit log. */
export async function list(
  ctx: Context,
  { owner, ...query }: { owner: Owner; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Token[]; next?: string }> {
  authorizeOwner(ctx, owner);
  await requireOwner(ctx, owner);
  return page(
    query,
    (at) => ctx.store.tokens(owner, at),
    ({ id }) => id,
  );
}
