import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import type { Tenant } from '../store/tenants.ts';
import { etag, requirePreconditions } from '../version.ts';

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
  requirePreconditions(ctx.preconditions, etag(current));
  const next: Tenant = {
    ...current,
    ...(displayName !== undefined && { displayName }),
    ...(labels !== undefined && { labels }),
  };
  const shown = ({ displayName, labels }: Tenant) => ({ displayName, labels });
  const by = { ...ctx.audit('update', `tenants/${name}`), diff: objectDiff(shown(current), shown(next)) };
  if (!(await ctx.store.tenants.update(next, by))) throw new Problem('precondition-failed');
  return { ...next, version: current.version + 1 };
}
