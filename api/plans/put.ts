import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Plan } from '../store/plans.ts';
import { etag, requirePreconditions } from '../version.ts';
import type { PlanWrite } from './schema.ts';

/**
 * Creates or replaces a plan. The API judges later writes of its tenants with the new limits.
 *
 * @throws Problem `precondition-failed` when a precondition does not hold, or when another writer changed the plan
 *   meanwhile
 */
export async function put(
  ctx: Context,
  { plan: name, description = '', quotas }: { plan: string } & PlanWrite,
): Promise<{ plan: Plan; created: boolean }> {
  const before = await ctx.store.plans.find(name);
  requirePreconditions(ctx.preconditions, before && etag(before));
  const plan: Plan = {
    ...{ name, description, quotas },
    createdAt: before?.createdAt ?? ctx.now,
    version: (before?.version ?? 0) + 1,
  };
  const by = {
    ...ctx.audit(before ? 'update' : 'create', `plans/${name}`),
    diff: objectDiff(before ? shown(before) : {}, shown(plan)),
  };
  if (!(await ctx.store.plans.put(plan, by)))
    throw new Problem('precondition-failed', { detail: 'another request changed the plan meanwhile; retry' });
  ctx.services.fleets.changed();
  return { plan, created: before === undefined };
}

const shown = ({ description, quotas }: Plan) => ({ description, quotas });
