import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';

/**
 * Gives a tenant a plan. If the tenant already uses more than the plan allows, it keeps what it has.
 *
 * @throws Problem `not-found` when there is no such tenant
 * @throws Problem `invalid-request` when there is no such plan
 * @throws Problem `precondition-failed` when another request changed the tenant meanwhile
 */
export async function assign(ctx: Context, { tenant, plan }: { tenant: string; plan: string }): Promise<void> {
  const current = await ctx.store.tenants.find(tenant);
  if (!current) throw absent(`tenant ${tenant}`);
  const by = {
    ...ctx.audit('update', `tenants/${tenant}/plan`),
    diff: objectDiff({ plan: current.plan }, { plan }),
  };
  const outcome = await ctx.store.plans.assign({ tenant: current, plan }, by);
  if (outcome === 'changed')
    throw new Problem('precondition-failed', { detail: 'another request changed the tenant meanwhile; retry' });
  if (outcome === 'no plan')
    throw new Problem('invalid-request', {
      violations: [
        {
          ...{ path: '/plan', pointer: '/plan', code: 'unknown-plan', message: `there is no plan ${plan}` },
          hint: 'GET /v1/plans lists the plans',
        },
      ],
    });
  ctx.services.heads.forget(tenant);
  ctx.services.plans.forget(tenant);
  ctx.store.news.notify(`tenant/${tenant}`);
}
