import { managerOf } from '../access/target.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Returns the path of a fleet, as the target of entries of the audit log. A tenant reads the entries about the fleets
 * that it manages.
 */
export function fleetTarget(fleet: Fleet): string {
  const tenant = managerOf(fleet);
  return tenant === undefined ? `fleets/${fleet.name}` : `tenants/${tenant}/fleets/${fleet.name}`;
}
