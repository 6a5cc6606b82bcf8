import { sharedGateways } from '../../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { type AllowedRoutes, isShared } from '../../../model/values/allowed-routes.ts';
import { fleetsOf } from '../../serving/serving.ts';
import type { AttachedChange } from '../../store/attached.ts';
import type { Fleet } from '../../store/fleets.ts';
import type { Store } from '../../store/store.ts';
import type { Head } from '../heads/head.ts';
import { conflictsOf, movedHosts } from './conflicts.ts';
import { combinedWith, foreignIn, type Owners } from './owners.ts';

/**
 * Computes the part of a commit that concerns shared gateways: the hosts that it attaches and releases, and the other
 * tenants whose configuration some fleets must get or drop.
 *
 * @param owners the owners of the gateways that routes name before or after the change
 * @returns undefined when the commit concerns no shared gateway, as nearly all commits
 */
export async function attachedChange(
  store: Store,
  fleets: readonly Fleet[],
  owners: Owners,
  { head, next }: { head: Head; next: Head },
): Promise<AttachedChange | undefined> {
  const { tenant } = head;
  const opened = openedChanges(head.configuration, next.configuration);
  if (owners.size === 0 && opened.length === 0) return undefined;
  const { add, remove } = movedHosts(head.configuration, next.configuration);
  const { replaced } = await conflictsOf(store, tenant, owners, add);
  const refreshed = new Set(fleetsOf(fleets, tenant, opened).map(({ name }) => name));
  if (replaced.length > 0) {
    const combined = combinedWith(owners, tenant, next.configuration);
    for (const { name } of fleetsOf(fleets, tenant, foreignIn(combined))) refreshed.add(name);
  }
  return {
    ...{ add, remove, replaced },
    owners: [...owners.values()].map((owner) => ({ owner: owner.name, head: owner.head?.id ?? '' })),
    refresh: { fleets: [...refreshed], attached: opened.length > 0 },
  };
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
  return facts(was) === facts(is) ? [] : [...was, ...is].map(([, gateway]) => gateway);
}

const opening = ({ allowedRoutes }: { allowedRoutes?: AllowedRoutes | undefined }): AllowedRoutes['tenants'] =>
  isShared(allowedRoutes) ? allowedRoutes!.tenants : 'same';
