import type { Context, Services } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import type { Audit } from '../store/audit.ts';
import type { Tenant, TenantVersion } from '../store/tenants.ts';
import { etag, requirePreconditions } from '../version.ts';
import { changeState, forget } from './state.ts';

/**
 * Deletes a tenant. Its hosts answer 503 until the grace period ends; then a job purges it. Without a grace period, it
 * is purged at once.
 *
 * @returns the tenant; undefined when it was purged
 * @throws Problem `not-found`
 * @throws Problem `precondition-failed` when `If-Match` does not match, or when another writer changed the tenant
 *   meanwhile
 */
export async function remove(ctx: Context, { tenant: name }: { tenant: string }): Promise<Tenant | undefined> {
  if (ctx.services.settings.deletionGrace > 0)
    return changeState(ctx, name, 'delete', ({ suspendedAt, suspendedReason, deletedAt = ctx.now }) => ({
      suspendedAt,
      suspendedReason,
      deletedAt,
    }));
  const current = await ctx.store.tenants.find(name);
  if (!current) throw absent(`tenant ${name}`);
  requirePreconditions(ctx.preconditions, etag(current));
  const purged = await purge(ctx.services, current, ctx.audit('delete', `tenants/${name}`));
  if (!purged) throw new Problem('precondition-failed');
  return undefined;
}

/**
 * Removes a tenant with everything that belongs to it, ends its tokens and those of the fleets that are dedicated to
 * it, and wakes the fleets that served it.
 *
 * @returns false when another writer changed the tenant meanwhile
 */
export async function purge(services: Services, tenant: TenantVersion, audit: Audit): Promise<boolean> {
  const { name } = tenant;
  const { tokens, feeds, fleets } = services;
  const dedicated = await services.store.fleets.dedicated(name);
  // The chain of the tenant ends with its row.
  const { ok, seqs } = await services.store.tenants.remove(tenant, { ...audit, chain: 'platform' });
  if (!ok) return false;
  forget(services, name);
  tokens.forget((token) => token.tenant === name);
  services.grants.changedForAll();
  feeds.wake([...seqs, ...dedicated.map((fleet) => ({ fleet: fleet.name }))]);
  for (const fleet of dedicated) tokens.forget((token) => token.fleet === fleet.name, fleet.name);
  if (dedicated.some(({ managedBy }) => managedBy === 'tenant')) fleets.changed();
  return true;
}
