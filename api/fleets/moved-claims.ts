import { type FleetChange, movesGateways } from '../../model/check/fleet-change.ts';
import type { Fleet as ModelFleet } from '../../model/fleet.ts';
import type { SpecOf } from '../../model/kinds/index.ts';
import { inSlices, Pace } from '../pace.ts';
import { missingIn, portsOf } from '../serving/port-claims.ts';
import { claiming } from '../serving/serving.ts';
import type { Fleet, FleetJudgement } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';
import { specsOf } from './specs.ts';

/** The number of tenants that one query reads. */
const TENANTS_A_PAGE = 50;

/**
 * Computes which claims a change of a fleet adds and removes.
 *
 * A tenant claims a host of its gateways unless only dedicated fleets serve these gateways. A change of a fleet
 * therefore adds or removes host claims only for tenants that have a dedicated fleet before or after the change. A
 * tenant claims a port on the shared fleets that serve its gateways, so a change of a shared fleet may add or remove
 * port claims of every tenant.
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
  const affected = shared
    ? owners
    : new Set([change.before?.tenant, change.after?.tenant].filter((name) => name !== undefined));
  const named = (fleets: readonly Fleet[], fleet: ModelFleet | undefined) =>
    fleets.find(({ name }) => name === fleet?.name);
  const [before, after] = [named(all.before, change.before), named(all.after, change.after)];
  const moved: FleetJudgement['claims'] = [];
  const pace = new Pace();
  const portsOn = (fleet: Fleet | undefined, tenant: string, gateways: readonly SpecOf<'gateway'>[]) =>
    portsOf(fleet ? [fleet] : [], tenant, gateways);
  const everyone = shared ? await tenantsWithGateways(store) : [];
  for (const tenant of new Set([...affected, ...everyone])) {
    const found = await store.tenants.find(tenant);
    if (!found) continue;
    const gateways = (await specsOf(store, tenant, 'gateway', found.revision)).map(([, spec]) => spec);
    const [portsBefore, portsAfter] = [portsOn(before, tenant, gateways), portsOn(after, tenant, gateways)];
    const ports = { add: missingIn(portsAfter, portsBefore), remove: missingIn(portsBefore, portsAfter) };
    if (!affected.has(tenant)) {
      if (ports.add.length + ports.remove.length > 0)
        moved.push({ tenant, revision: found.revision, add: [], remove: [], ports });
      continue;
    }
    const claimedBefore = await inSlices(claiming(all.before, tenant, gateways), pace);
    const due = await inSlices(claiming(all.after, tenant, gateways), pace);
    moved.push({
      tenant,
      revision: found.revision,
      add: [...due].filter((host) => !claimedBefore.has(host)),
      remove: [...claimedBefore].filter((host) => !due.has(host)),
      ports,
    });
  }
  return moved;
}

/** Reads the names of all tenants that have gateways, in pages. */
async function tenantsWithGateways(store: Store): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const after = names.at(-1);
    const page = await store.tenants.listWithGateways({
      limit: TENANTS_A_PAGE,
      ...(after !== undefined && { after }),
    });
    names.push(...page.map(({ name }) => name));
    if (page.length < TENANTS_A_PAGE) return names;
    // SQLite answers at once. Without this pause, other requests would wait until the last page is read.
    await new Promise((resolve) => setTimeout(resolve));
  }
}
