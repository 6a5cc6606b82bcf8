import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { DEFAULT_PLAN } from '../quotas.ts';
import type { Plan } from '../store/plans.ts';

/** The plan `default` while it has no row. */
export const defaultPlan: Plan = { name: DEFAULT_PLAN, description: '', quotas: {}, createdAt: 0, version: 0 };

/**
 * Reads a plan.
 *
 * @throws Problem `not-found`
 */
export async function read(ctx: Context, { plan: name }: { plan: string }): Promise<Plan> {
  const plan = (await ctx.store.plans.find(name)) ?? (name === DEFAULT_PLAN ? defaultPlan : undefined);
  if (!plan) throw absent(`plan ${name}`);
  return plan;
}
