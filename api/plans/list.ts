import type { Context } from '../context.ts';
import { page } from '../paging.ts';
import { DEFAULT_PLAN } from '../quotas.ts';
import type { Plan } from '../store/plans.ts';
import { defaultPlan } from './read.ts';

/** Reads one page of the plans, sorted by name. The plan `default` is among them even without a row. */
export async function list(
  ctx: Context,
  query: { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Plan[]; next?: string }> {
  return page(
    query,
    async (at) => {
      const rows = await ctx.store.plans.list(at);
      const isElsewhere = at.after !== undefined && at.after >= DEFAULT_PLAN;
      if (isElsewhere || rows.some(({ name }) => name === DEFAULT_PLAN)) return rows;
      const index = rows.findIndex(({ name }) => name > DEFAULT_PLAN);
      return rows.toSpliced(index < 0 ? rows.length : index, 0, defaultPlan).slice(0, at.limit);
    },
    ({ name }) => name,
  );
}
