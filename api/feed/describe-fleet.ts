import type { FleetDescription } from '../../wire/feed.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Returns the description of a fleet that its agents receive: its ports, its labels, and the rules that agents
 * enforce.
 */
export function describeFleet(fleet: Fleet): FleetDescription {
  const { name, labels, ports, portRanges, address, tenant, denyDestinations } = fleet;
  return {
    name,
    labels,
    ports,
    ...(portRanges && { portRanges }),
    ...(address !== undefined && { address }),
    ...(tenant !== undefined && { tenant }),
    denyDestinations,
  };
}
