import type { Context } from '../context.ts';
import { Problem } from '../http/problem.ts';

/** Another writer, or a change of the fleets, came first: what was judged is no longer so. Never leaves this API. */
export class LostRace extends Error {}

const TRIES = 5;

/**
 * Runs a verb that changes a tenant's configuration until its outcome is one about the present: a lost race runs it again, preconditions and
 * all, and so does a refusal that was judged on a configuration that is not the store's. The one place that knows of races.
 *
 * @throws Problem `precondition-failed` after five lost races
 */
export async function settled<T>(ctx: Context, tenant: string, verb: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await verb();
    } catch (thrown) {
      const lost = thrown instanceof LostRace;
      if (!lost && (!(thrown instanceof Problem) || (await ctx.house.heads.confirm(tenant)))) throw thrown;
      if (tries === TRIES)
        throw lost
          ? new Problem('precondition-failed', {
              detail: 'too many writers at once; try again',
              headers: { 'retry-after': '1' },
            })
          : thrown;
    }
  }
}
