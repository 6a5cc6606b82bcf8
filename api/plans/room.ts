import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { quotas } from '../quotas.ts';
import type { Countable, Room } from '../store/countable.ts';

/** Makes the quota of a tenant for the batch that adds one more of something countable. */
export const roomIn = ({ services, now }: Context, what: Countable, tenant: string): Room => ({
  ...{ tenant, now },
  otherwise: quotas[what].of(services.settings),
});

/**
 * Makes the problem of a request whose batch found no room.
 *
 * @example if (outcome === 'no room') throw await exhausted(ctx, 'tokens', tenant);
 */
export async function exhausted({ services, now }: Context, what: Countable, tenant: string): Promise<Problem> {
  const limits = await services.plans.quotasOf(tenant, now);
  return new Problem('too-many', {
    detail: `the plan of the tenant ${tenant} allows at most ${limits[what]} ${limits[what] === 1 ? what.replace(/s$/, '') : what}; GET /v1/tenants/${tenant}/usage shows the usage`,
  });
}
