import type { Services } from '../context.ts';
import { absent } from '../problem.ts';
import { type Quotas, quotasOf } from '../quotas.ts';

/**
 * Returns the limits of a tenant. They may be a few seconds old: a batch that enforces one has a guard on the plan.
 *
 * @param now the current time in milliseconds since 1970
 * @throws Problem `not-found` when there is no such tenant
 */
export async function limitsOf(
  { store, fleets, settings }: Pick<Services, 'store' | 'fleets' | 'settings'>,
  tenant: string,
  now: number,
): Promise<Quotas> {
  const found = await store.tenants.find(tenant);
  if (!found) throw absent(`tenant ${tenant}`);
  const { plans } = await fleets.current(now);
  return quotasOf(settings, plans.get(found.plan));
}
