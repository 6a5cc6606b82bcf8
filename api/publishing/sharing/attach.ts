import { delegationOf } from '../../../model/binding/delegation.ts';
import {
  type AttachedHost,
  attachedHosts,
  formatAttached,
  gatewayOwners,
  sharedGateways,
} from '../../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { type AllowedRoutes, isShared } from '../../../model/values/allowed-routes.ts';
import { fleetsOf } from '../../serving/serving.ts';
import type { AttachedChange } from '../../store/attached.ts';
import type { Fleet } from '../../store/fleets.ts';
import type { Store } from '../../store/store.ts';
import type { Head } from '../heads/head.ts';
import { LostRace } from '../heads/lost-race.ts';
import { conflictsOf, movedHosts, newlyRouted, notAdmitted } from './conflicts.ts';
import { decidingHeads, namedGateways, type Others, type Owners } from './owners.ts';

/**
 * Computes the part of a commit that concerns other tenants: the hosts of shared gateways that it attaches and
 * releases, the parents of its routes, and the other tenants whose configuration some fleets must get or drop.
 *
 * @param others the owners of the gateways and routes that routes name before or after the change, and the tenants that
 *   routes name as parents
 * @returns undefined when the commit concerns no other tenant, as nearly all commits; `isLast`: the tenant then has
 *   attached no host, but may have had one
 * @throws LostRace when another tenant has attached a host since the change was judged
 */
export async function attachedChange(
  store: Store,
  fleets: readonly Fleet[],
  { owners, parents }: Others,
  { head, next }: { head: Head; next: Head },
): Promise<(AttachedChange & { isLast: boolean }) | undefined> {
  const { tenant } = head;
  const opened = openedChanges(head.configuration, next.configuration);
  const moved = movedParents(head.configuration, next.configuration);
  const left = movedFleets(fleets, owners, head, next);
  const routed = newlyRouted(head.configuration, next.configuration);
  if (owners.size + opened.length + parents.size + left.length + routed.length === 0) return undefined;
  const { add, remove, wanted, hadAny } = await movedHosts(store, tenant, head.configuration, next.configuration);
  const conflicts = await conflictsOf(store, tenant, owners, add);
  const { taken, replaced } = conflicts;
  // Another tenant has attached a host since the gate judged the change, which names it for the first time.
  if (taken.length > 0 && hasOther(taken, attachedHosts(head.configuration))) throw new LostRace();
  const losing = replaced.flatMap(({ owner }) => owners.get(owner)?.gateways ?? []);
  const refreshed = new Set([
    ...[...fleetsOf(fleets, tenant, opened), ...left],
    // Wherever a fleet serves a shared gateway of the owner, it has the hosts of the tenants that lose one.
    ...losing.flatMap(({ owner, configuration }) => fleetsOf(fleets, owner, sharedSpecs(configuration))),
  ]);
  return {
    ...{ remove, replaced },
    isLast: hadAny && wanted.every((each) => taken.includes(each)),
    add: add.filter((each) => !taken.includes(each)),
    owners: decidingHeads(tenant, { owners, parents }, [head.configuration, next.configuration], { add, conflicts }),
    routed: {
      hosts: routed,
      except: routed.length > 0 ? await notAdmitted(store, tenant, next.configuration, routed) : [],
    },
    gatewayOwners: movedOwners(head.configuration, next.configuration),
    parents: moved ?? { add: [], remove: [] },
    refresh: { fleets: [...refreshed].map(({ name }) => name), attached: opened.length > 0, isMoved: left.length > 0 },
  };
}

function hasOther(hosts: readonly AttachedHost[], known: readonly AttachedHost[]): boolean {
  const texts = new Set(known.map(formatAttached));
  return hosts.some((each) => !texts.has(formatAttached(each)));
}

/** Lists the owners of the gateways that the routes of the second configuration name, and those that only the first one names. */
function movedOwners(before: Configuration, after: Configuration): AttachedChange['gatewayOwners'] {
  const has = gatewayOwners(after);
  return { add: [...has], remove: [...gatewayOwners(before)].filter((each) => !has.has(each)) };
}

/** Compares the tenants that the routes of two configurations name as parents. @returns undefined when they are the same */
function movedParents(before: Configuration, after: Configuration): AttachedChange['parents'] | undefined {
  const [had, has] = [delegationOf(before).parents, delegationOf(after).parents];
  if (had === has) return undefined;
  const [add, remove] = [[...has].filter((each) => !had.has(each)), [...had].filter((each) => !has.has(each))];
  return add.length + remove.length === 0 ? undefined : { add, remove };
}

/**
 * Lists the fleets that begin or stop to serve the tenant through gateways: its own, or those to which its routes may
 * attach. They then begin or stop to serve the tenants to whose routes it may delegate. Fleets that serve the tenant only
 * because other tenants delegate to its routes do not serve these.
 */
function movedFleets(fleets: readonly Fleet[], owners: Owners, head: Head, next: Head): Fleet[] {
  if (owners.size === 0 && head.configuration.shares('gateway', next.configuration)) return [];
  const [before, after] = [head, next].map((each) =>
    fleetsOf(fleets, each.tenant, [...each.gateways(), ...namedGateways(owners, each.tenant, each.configuration)]),
  ) as [Fleet[], Fleet[]];
  return fleets.filter((fleet) => before.includes(fleet) !== after.includes(fleet));
}

/**
 * Returns the shared gateways of both configurations if the change decides which fleets get the configurations of
 * attached tenants: it creates or deletes a shared gateway, changes its selector, or the tenants that it admits.
 */
function openedChanges(before: Configuration, after: Configuration) {
  if (before.shares('gateway', after)) return [];
  const [was, is] = [sharedGateways(before), sharedGateways(after)];
  const facts = (gateways: typeof was) =>
    JSON.stringify(
      gateways.map(([name, { selector, servers }]) => [name, selector, servers.map((each) => opening(each))]),
    );
  return facts(was) === facts(is) ? [] : [...sharedSpecs(before), ...sharedSpecs(after)];
}

const sharedSpecs = (configuration: Configuration) => sharedGateways(configuration).map(([, gateway]) => gateway);

const opening = ({ allowedRoutes }: { allowedRoutes?: AllowedRoutes | undefined }): AllowedRoutes['tenants'] =>
  isShared(allowedRoutes) ? allowedRoutes!.tenants : 'same';
