import type { Context } from '../context.ts';
import { absent, type Problem } from '../problem.ts';
import type { TokenOwner } from '../store/tokens.ts';

/** Returns the path of the owner's tokens, for the audit log. */
export const pathOf = (owner: TokenOwner): string => {
  if (owner === 'platform') return 'tokens';
  return 'tenant' in owner ? `tenants/${owner.tenant}/tokens` : `fleets/${owner.fleet}/tokens`;
};

/**
 * Checks that the owner exists.
 *
 * @throws Problem `not-found`
 */
export async function requireOwner(ctx: Context, owner: TokenOwner): Promise<void> {
  if (owner === 'platform') return;
  const found =
    'tenant' in owner ? await ctx.store.tenants.find(owner.tenant) : await ctx.store.fleets.find(owner.fleet);
  if (!found) throw absentOwner(owner);
}

/** Makes the problem for an owner that does not exist. */
export function absentOwner(owner: TokenOwner): Problem {
  if (owner === 'platform') return absent('platform');
  return absent('tenant' in owner ? `tenant ${owner.tenant}` : `fleet ${owner.fleet}`);
}
