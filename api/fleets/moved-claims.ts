import { type FleetChange, movesGateways } from '../../model/check/fleet-change.ts';
import type { Fleet as ModelFleet } from '../../model/fleet.ts';
import { inSlices, Pace } from '../pace.ts';
import { claiming } from '../serving/serving.ts';
import type { Fleet, FleetJudgement } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';
import { specsOf } from './specs.ts';

/**
 * Computes which host claims a change of a fleet adds and removes.
 *
 * A tenant claims a host of its gateways unless only dedicated fleets serve these gateways. A change of a fleet
 * therefore adds or removes claims only for tenants that have a dedicated fleet before or after the change.
 *
 * @param change the fleet before and after the change
 * @param all all fleets, as they are before and after the change
 * @returns the claims to add and to remove, per tenant, with the revision at which they were computed
 */
export async function movedClaims(
  store: Store,
  change: FleetChange,
  all: { before: readonly Fleet[]; after: readonly Fleet[] },
): Promise<FleetJudgement['claims']> {
  if (!movesGateways(change)) return [];
  const owners = new Set([...all.before, ...all.after].flatMap(({ tenant }) => tenant ?? []));
  const isOpen = (fleet: ModelFleet | undefined) => fleet !== undefined && fleet.tenant === undefined;
  const shared = isOpen(change.before) || isOpen(change.after);
  const affected = shared ? owners : [change.before?.tenant, change.after?.tenant].filter((name) => name !== undefined);
  const moved: FleetJudgement['claims'] = [];
  const pace = new Pace();
  for (const tenant of new Set(affected)) {
    const found = await store.tenants.find(tenant);
    if (!found) continue;
    const gateways = (await specsOf(store, tenant, 'gateway', found.revision)).map(([, spec]) => spec);
    const claimedBefore = await inSlices(claiming(all.before, tenant, gateways), pace);
    const due = await inSlices(claiming(all.after, tenant, gateways), pace);
    moved.push({
      tenant,
      revision: found.revision,
      add: [...due].filter((host) => !claimedBefore.has(host)),
      remove: [...claimedBefore].filter((host) => !due.has(host)),
    });
  }
  return moved;
}
