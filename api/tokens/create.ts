import type { Context } from '../context.ts';
import { newToken } from '../http/auth.ts';
import { Problem } from '../http/problem.ts';
import type { Token } from '../store/port.ts';
import { authorizeOwner, type Owner, pathOf, requireOwner } from './owner.ts';

export interface CreateInput {
  owner: Owner;
  scopes: Token['scopes'];
  description?: string | undefined;
  expiresAt?: string | undefined;
}

/**
 * Makes a token. Only its hash is kept, so this is the only time it is known.
 *
 * @throws Problem `not-found` when the owner is gone, `invalid-request` when it would have expired already
 */
export async function create(
  ctx: Context,
  { owner, scopes, description = '', expiresAt }: CreateInput,
): Promise<Token & { token: string }> {
  authorizeOwner(ctx, owner);
  await requireOwner(ctx, owner);
  const expires = expiresAt === undefined ? undefined : Date.parse(expiresAt);
  if (expires !== undefined && !(expires > ctx.now))
    throw new Problem('invalid-request', {
      violations: [
        { path: '/expiresAt', pointer: '/expiresAt', code: 'in-the-past', message: 'must be in the future' },
      ],
    });
  const token = newToken(owner === 'platform' ? 'operator' : 'tenant' in owner ? 'tenant' : 'agent');
  const kept: Token = {
    id: crypto.randomUUID(),
    ...(owner !== 'platform' && owner),
    description,
    scopes: [...new Set(scopes)],
    createdAt: ctx.now,
    ...(expires !== undefined && { expiresAt: expires }),
    prefix: token.slice(0, 16),
  };
  await ctx.store.createToken(kept, await ctx.house.sha256(token), ctx.audit('create', `${pathOf(owner)}/${kept.id}`));
  return { ...kept, token };
}
