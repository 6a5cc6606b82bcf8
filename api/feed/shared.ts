import { formatAttached, OwnerGateways } from '../../model/binding/shared-gateway.ts';
import { Configuration, type Resource } from '../../model/configuration.ts';
import { isSelected } from '../../model/kinds/index.ts';
import { serves } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';

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

/** Finds out whether a fleet serves a shared gateway to which routes of a tenant may attach. */
export async function sharedServing(store: Store, fleet: Fleet, tenant: string): Promise<SharedServing> {
  const held = await store.attached.of(tenant);
  const byOwner = Map.groupBy(held, ({ owner }) => owner);
  let isServed = false;
  for (const [owner, hosts] of fleet.tenant === undefined ? byOwner : []) {
    const found = await store.tenants.find(owner);
    if (!found || isServed) continue;
    const gateways = (await store.configuration.resources(owner, found.revision)).filter(isSelected);
    const opened = new OwnerGateways(Configuration.of(gateways as Iterable<Resource>), owner);
    const seen = opened.for(
      tenant,
      hosts.map(({ host }) => host),
    );
    isServed = seen.some(([, gateway]) => serves(fleet, tenant, gateway));
  }
  return { attached: held.map(formatAttached), isServed };
}
