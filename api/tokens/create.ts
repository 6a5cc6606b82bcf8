import { newToken, unauthorized } from '../access/authenticate.ts';
import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { exhausted, roomIn } from '../plans/room.ts';
import { Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Token, TokenOwner } from '../store/tokens.ts';
import { lacksReference } from '../store/violation.ts';
import { absentOwner, pathOf, requireOwner } from './owner.ts';

export interface CreateInput {
  owner: TokenOwner;
  scopes: Token['scopes'];
  kinds?: Token['kinds'] | undefined;
  description?: string | undefined;
  expiresAt?: string | undefined;
}

type Created = Token & { token: string };

/**
 * Creates a token. The store gets only the hash of the token, so only this response contains the token. If the request
 * has an `Idempotency-Key`, the store also keeps the encrypted response for one day.
 *
 * @param reply makes the reply that the batch stores
 * @throws Problem `not-found` when the owner does not exist
 * @throws Problem `invalid-request` when `expiresAt` is in the past, or after the end of the token that creates it
 * @throws Problem `unauthorized` when the token that creates it has been revoked meanwhile
 * @throws Problem `too-many` when the tenant has as many valid tokens as its plan allows
 */
export async function create(
  ctx: Context,
  { owner, scopes, kinds, description = '', expiresAt }: CreateInput,
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
  const { creator, person, until } = creatorOf(ctx, owner);
  if (until !== undefined && expires !== undefined && expires > until)
    throw new Problem('invalid-request', {
      violations: [
        {
          ...{ path: '/expiresAt', pointer: '/expiresAt', code: 'too-late' },
          message: `must not be after ${new Date(until).toISOString()}, when the token that creates it expires`,
        },
      ],
    });
  const ends = expires ?? until;
  const token = newToken(
    owner === 'platform'
      ? scopes.includes('support')
        ? 'support'
        : 'operator'
      : 'tenant' in owner
        ? 'tenant'
        : 'agent',
  );
  const kept: Token = {
    id: crypto.randomUUID(),
    ...(owner !== 'platform' && owner),
    description,
    scopes: [...new Set(scopes)],
    createdAt: ctx.now,
    ...(ends !== undefined && { expiresAt: ends }),
    prefix: token.slice(0, 16),
    ...(kinds && { kinds: [...new Set(kinds)] }),
    createdBy: ctx.author,
    ...(person !== undefined && { person }),
  };
  const created = { ...kept, token };
  const record = {
    ...(await ctx.record('create', `${pathOf(owner)}/${kept.id}`, () => reply(created))),
    diff: objectDiff({}, permitted(kept)),
  };
  const tenant = owner !== 'platform' && 'tenant' in owner ? owner.tenant : undefined;
  const room = tenant === undefined ? undefined : roomIn(ctx, 'tokens', tenant);
  const hash = await ctx.services.sha256(token);
  const outcome = await ctx.store.tokens.create(kept, hash, record, { room, creator }).catch((error: unknown) => {
    // The owner was removed after `requireOwner` found it.
    throw lacksReference(error) ? absentOwner(owner) : error;
  });
  if (outcome === 'no room') throw await exhausted(ctx, 'tokens', tenant!);
  if (outcome === 'revoked') throw unauthorized('the token is unknown, expired or revoked');
  return created;
}

/** What a token permits, and until when, for the audit log. */
const permitted = ({ scopes, kinds, expiresAt }: Token) => ({
  scopes,
  ...(kinds && { kinds }),
  ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
});

/**
 * Returns what limits a new token: the person or the token that creates it. What an operator's token creates for a
 * tenant belongs to the tenant, and stays when the operator's token ends.
 */
function creatorOf({ principal, author: creator }: Context, owner: TokenOwner) {
  const isOfAgents = owner !== 'platform' && 'fleet' in owner;
  // Agents may do nothing that a person may do, so no person limits them.
  if (isOfAgents) return {};
  if (principal.type === 'person') return { creator, person: principal.id };
  const person = 'creator' in principal ? principal.creator?.person : undefined;
  const isOfSameOwner = principal.type === 'token' || (owner === 'platform' && principal.type === 'operator');
  return { creator, person, until: isOfSameOwner ? principal.expiresAt : undefined };
}
