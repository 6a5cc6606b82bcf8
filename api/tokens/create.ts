import { newToken } from '../access/authenticate.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Token, TokenOwner } from '../store/tokens.ts';
import { lacksReference } from '../store/violation.ts';
import { absentOwner, pathOf, requireOwner } from './owner.ts';

export interface CreateInput {
  owner: TokenOwner;
  scopes: Token['scopes'];
  description?: string | undefined;
  expiresAt?: string | undefined;
}

type Created = Token & { token: string };

/**
 * Makes a token. Only its hash is kept, so this is the only time it is known, unless the request has an
 * `Idempotency-Key`: then the reply is kept for a day, sealed.
 *
 * @throws Problem `not-found` when the owner is gone, `invalid-request` when it would have expired already
 */
export async function create(
  ctx: Context,
  { owner, scopes, description = '', expiresAt }: CreateInput,
  reply: ReplyTo<Created>,
): Promise<Created> {
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
  const created = { ...kept, token };
  const record = await ctx.record('create', `${pathOf(owner)}/${kept.id}`, () => reply(created));
  await ctx.store.tokens.create(kept, await ctx.services.sha256(token), record).catch((error: unknown) => {
    // Removed since it was looked at.
    throw lacksReference(error) ? absentOwner(owner) : error;
  });
  return created;
}
