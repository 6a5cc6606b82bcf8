import { enumerate } from '../../model/values/quote.ts';
import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import { etag, requirePreconditions } from '../version.ts';

/** The number of tenants that the problem names. */
const NAMED = 10;

/**
 * Removes a plan that no tenant has. The plan `default` gets the limits of the settings.
 *
 * @throws Problem `not-found`
 * @throws Problem `plan-in-use` when tenants have the plan
 * @throws Problem `precondition-failed` when `If-Match` does not match, or when another writer changed the plan
 *   meanwhile
 */
export async function remove(ctx: Context, { plan: name }: { plan: string }): Promise<void> {
  const plan = await ctx.store.plans.find(name);
  if (!plan) throw absent(`stored plan ${name}`);
  requirePreconditions(ctx.preconditions, etag(plan));
  const outcome = await ctx.store.plans.remove(name, plan.version, ctx.audit('delete', `plans/${name}`));
  if (outcome === 'stale') throw new Problem('precondition-failed');
  if (outcome === 'used') {
    const tenants = await ctx.store.plans.tenantsOf(name, NAMED);
    throw new Problem('plan-in-use', { detail: `give these tenants another plan first: ${enumerate(tenants)}` });
  }
  ctx.services.fleets.changed();
}
