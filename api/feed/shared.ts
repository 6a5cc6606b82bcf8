import { foreignGateways, formatAttached, gatewayOwners, OwnerGateways } from '../../model/binding/shared-gateway.ts';
import { Configuration, type Resource } from '../../model/configuration.ts';
import { isSelected } from '../../model/kinds/index.ts';
import { serves } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';
import { servedBy } from './for-fleet.ts';

/** The hosts that a tenant has attached to shared gateways, and whether a fleet serves one of these gateways. */
export interface SharedServing {
  /** As the feed contains them: `owner/host`. */
  attached: string[];
  isServed: boolean;
}

/** Returns the hosts that a tenant has attached, as a feed event contains them; absent when there are none. */
export async function attachedIn(store: Store, tenant: string): Promise<{ attached?: string[] }> {
  const attached = (await store.attached.of(tenant)).map(formatAttached);
  return attached.length > 0 ? { attached } : {};
}

/**
 * Finds out whether a fleet serves a tenant because of other tenants: it serves a shared gateway that routes of the
 * tenant name and to which they may attach, or a tenant whose routes may delegate to its routes.
 */
export async function sharedServing(store: Store, fleet: Fleet, tenant: string): Promise<SharedServing> {
  const [held, { owners, parents }] = await Promise.all([store.attached.of(tenant), store.named.of(tenant)]);
  // The previous version of the API writes only the attached hosts.
  const isServed = owners.length + held.length > 0 && (await isServedByOwners(store, fleet, tenant));
  return {
    attached: held.map(formatAttached),
    isServed: isServed || (await isServedFor(parents, store, fleet)),
  };
}

/** Whether a fleet serves a shared gateway that the routes of a tenant name and to which they may attach. */
async function isServedByOwners(store: Store, fleet: Fleet, tenant: string): Promise<boolean> {
  const head = fleet.tenant === undefined ? await store.tenants.find(tenant) : undefined;
  if (!head) return false;
  const routes = (await store.configuration.resources(tenant, head.revision)).filter(({ kind }) => kind === 'route');
  const configuration = Configuration.of(routes as Resource[]);
  const named = foreignGateways(configuration);
  for (const owner of gatewayOwners(configuration)) {
    const found = await store.tenants.find(owner);
    if (!found) continue;
    const gateways = (await store.configuration.resources(owner, found.revision)).filter(isSelected);
    const opened = new OwnerGateways(Configuration.of(gateways as Iterable<Resource>), owner).for(tenant, []);
    if (opened.some(([name, gateway]) => named.has(name) && serves(fleet, tenant, gateway))) return true;
  }
  return false;
}

/** Whether a fleet serves one of the tenants whose routes may delegate to routes of a tenant. */
async function isServedFor(parents: readonly string[], store: Store, fleet: Fleet): Promise<boolean> {
  if (fleet.tenant !== undefined) return false;
  for (const parent of parents) {
    const found = await store.tenants.find(parent);
    if (!found) continue;
    const resources = await store.configuration.resources(parent, found.revision);
    if (servedBy(fleet, parent, resources) || (await isServedByOwners(store, fleet, parent))) return true;
  }
  return false;
}
