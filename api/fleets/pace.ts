import { isAllowed } from '../access/authorize.ts';
import type { Context } from '../context.ts';

/** How often a tenant may change its fleets. */
const RATE = { policy: 'fleets', perSecond: 0.2, burst: 20 };

/**
 * Counts a change of a fleet that a tenant manages. After each one, publications of all tenants that are under way are
 * judged again, so a tenant must not cause many of them. Operators are not limited.
 *
 * @param tenant the tenant that manages the fleet; undefined when operators do
 * @throws Problem `too-many-requests`
 */
export function countChange({ services, principal, now }: Context, tenant: string | undefined): void {
  if (tenant !== undefined && !isAllowed(principal, 'operator', {}))
    services.rate.charge(`fleets/${tenant}`, RATE, 1, now);
}
