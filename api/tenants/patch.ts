import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import type { Tenant } from '../store/tenants.ts';
import { requirePreconditions } from '../version.ts';

interface PatchInput {
  tenant: string;
  displayName?: string | undefined;
  labels?: Record<string, string> | undefined;
}

/**
 * Changes the display name or the labels of a tenant.
 *
 * @throws Problem `not-found`
 * @throws Problem `precondition-failed` when `If-Match` does not match, or when another writer changed the tenant
 *   meanwhile
 */
export async function patch(ctx: Context, { tenant: name, displayName, labels }: PatchInput): Promise<Tenant> {
  const current = await ctx.store.tenants.find(name);
  if (!current) throw absent(`tenant ${name}`);
  requirePreconditions(ctx.preconditions, current.version);
  const next: Tenant = {
    ...current,
    ...(displayName !== undefined && { displayName }),
    ...(labels !== undefined && { labels }),
  };
  if (!(await ctx.store.tenants.update(next, ctx.audit('update', `tenants/${name}`))))
    throw new Problem('precondition-failed');
  return { ...next, version: current.version + 1 };
}
