/** The status of shared gateways: for their owner, the attached hosts; for other tenants, why a host is not bound. */
import { type AttachedHost, attachedHosts, formatAttached, OwnerGateways } from '../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../model/configuration.ts';
import { gatewaysOf } from '../../model/kinds/route.ts';
import { isForeign, parseReference } from '../../model/values/reference.ts';
import type { Services } from '../context.ts';
import { overlapping } from '../store/hosts.ts';

/** The maximum number of attached hosts that a status lists. */
const LISTED = 500;

/** A host that another tenant has attached to the shared gateways of a tenant. */
interface AttachedStatus {
  tenant: string;
  host: string;
  gateways: string[];
  reason?: string;
}

/** Reads the hosts that a tenant has attached, and those that other tenants have attached to its gateways. */
export async function attachments({ store }: Services, tenant: string, configuration: Configuration) {
  const gateways = new OwnerGateways(configuration, tenant);
  const rows = await store.attached.to(tenant, { limit: LISTED });
  const list = rows.map(({ tenant: other, host }): AttachedStatus => {
    const seen = gateways.for(other, [host]);
    const bound = seen.filter(([, { servers }]) => servers.some(({ hosts }) => hosts.length > 0));
    const names = bound.map(([name]) => parseReference(name).name);
    return { tenant: other, host, gateways: names, ...(names.length === 0 && { reason: why(gateways, host, seen) }) };
  });
  const wanted = attachedHosts(configuration);
  const held = wanted.length > 0 ? await store.attached.of(tenant) : [];
  const own = new Set(held.map(formatAttached));
  const lost = wanted.filter((each) => !own.has(formatAttached(each)));
  const others = (await store.attached.overlapping(tenant, lost)).map(({ owner, host }) => ({ owner, host }));
  return { list, held, others };
}

function why(gateways: OwnerGateways, host: string, seen: readonly unknown[]): string {
  if (seen.length === 0) return 'no gateway admits routes of this tenant';
  if (gateways.isRoutedByOwner(host)) return 'a route of the owner has this host';
  return `no shared server admits ${host} for this tenant`;
}

/**
 * Replaces the reason why a host of a route is not bound, if another tenant has attached the host to the same shared
 * gateways.
 *
 * @param routes the status of each route
 * @param held the hosts that the tenant has attached
 * @param others the hosts of other tenants that overlap hosts which the tenant has not attached
 */
export function withHolders<
  H extends { host: string; bound: readonly unknown[]; reason?: string | undefined },
  R extends { name: string; hosts: H[] },
>(
  routes: readonly R[],
  configuration: Configuration,
  { held, others }: { held: readonly AttachedHost[]; others: readonly AttachedHost[] },
): R[] {
  const own = new Set(held.map(formatAttached));
  const byOwner = Map.groupBy(others, ({ owner }) => owner);
  const taken = new Map([...byOwner].map(([owner, all]) => [owner, overlapping(all.map(({ host }) => host))]));
  return routes.map((route) => {
    const { name, hosts } = route;
    const foreign = gatewaysOf(configuration.get('route', name)!).filter(isForeign);
    if (foreign.length === 0) return route;
    return {
      ...route,
      hosts: hosts.map((each) => {
        const lost = foreign.find((gateway) => !own.has(`${parseReference(gateway).tenant}/${each.host}`));
        if (lost === undefined || each.bound.length > 0) return each;
        const isTaken = taken.get(parseReference(lost).tenant!)?.(each.host);
        const reason = isTaken
          ? `${each.host} of the gateway ${lost} belongs to another tenant, or overlaps a host that does`
          : `${each.host} of the gateway ${lost} is not attached, because it belonged to another tenant: the next change attaches it`;
        return { ...each, reason };
      }),
    };
  });
}
