import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import { requirePreconditions } from '../version.ts';

/**
 * Removes a tenant with everything that belongs to it, ends its tokens, and wakes the fleets that served it.
 *
 * @throws Problem `not-found`
 * @throws Problem `precondition-failed` when `If-Match` does not match, or when another writer changed the tenant
 *   meanwhile
 */
export async function remove(ctx: Context, { tenant: name }: { tenant: string }): Promise<void> {
  const { heads, tokens, grants, feeds, fleets } = ctx.services;
  const current = await ctx.store.tenants.find(name);
  if (!current) throw absent(`tenant ${name}`);
  requirePreconditions(ctx.preconditions, current.version);
  const own = await ctx.store.fleets.managedBy(name);
  // The chain of the tenant ends with its row.
  const by = { ...ctx.audit('delete', `tenants/${name}`), chain: 'platform' } as const;
  const { ok, seqs } = await ctx.store.tenants.remove(name, current.version, by);
  if (!ok) throw new Problem('precondition-failed');
  heads.forget(name);
  ctx.store.news.notify(`tenant/${name}`);
  tokens.forget((token) => token.tenant === name);
  grants.changedForAll();
  feeds.wake([...seqs, ...own.map((fleet) => ({ fleet: fleet.name }))]);
  for (const fleet of own) tokens.forget((token) => token.fleet === fleet.name, fleet.name);
  if (own.length > 0) fleets.changed();
}
