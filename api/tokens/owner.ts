import type { Context } from '../context.ts';
import { absent, type Problem } from '../problem.ts';

/** Whose tokens: one tenant's, one fleet's agents', or the platform operators'. */
export type Owner = { tenant: string } | { fleet: string } | 'platform';

export function authorizeOwner(ctx: Context, owner: Owner): void {
  if (owner !== 'platform' && 'tenant' in owner) ctx.authorize('tenant:admin', owner);
  else ctx.authorize('operator');
}

export const pathOf = (owner: Owner): string => {
  if (owner === 'platform') return 'tokens';
  return 'tenant' in owner ? `tenants/${owner.tenant}/tokens` : `fleets/${owner.fleet}/tokens`;
};

/** @throws Problem `not-found` */
export async function requireOwner(ctx: Context, owner: Owner): Promise<void> {
  if (owner === 'platform') return;
  const found = 'tenant' in owner ? await ctx.store.tenant(owner.tenant) : await ctx.store.fleet(owner.fleet);
  if (!found) throw absentOwner(owner);
}

export function absentOwner(owner: Owner): Problem {
  if (owner === 'platform') return absent('platform');
  return absent('tenant' in owner ? `tenant ${owner.tenant}` : `fleet ${owner.fleet}`);
}
