import {
  type AttachedHost,
  attachedHosts,
  foreignGateways,
  formatAttached,
  OwnerGateways,
  routeHosts,
  sharedGateways,
} from '../../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../../model/configuration.ts';
import type { HostPattern } from '../../../model/values/host.ts';
import type { Attachment } from '../../store/attached.ts';
import { overlapping } from '../../store/hosts.ts';
import type { Store } from '../../store/store.ts';
import type { Owners } from './owners.ts';

/** The hosts that a change attaches or releases. */
export interface Moved {
  add: AttachedHost[];
  remove: AttachedHost[];
  /** The hosts that its routes name after the change. */
  wanted: readonly AttachedHost[];
  /** Whether it had attached a host. */
  hadAny: boolean;
}

/**
 * Compares the hosts that a tenant has attached with those that its routes name after a change. A host that another
 * tenant had meanwhile is attached again by the next change after that tenant has released it.
 */
export async function movedHosts(
  store: Store,
  tenant: string,
  before: Configuration,
  after: Configuration,
): Promise<Moved> {
  const wanted = attachedHosts(after);
  if (wanted.length === 0 && foreignGateways(before).size === 0) return { add: [], remove: [], wanted, hadAny: false };
  const held = await store.attached.of(tenant);
  // The batch of the head may not have finished yet: the store then lacks the hosts that it attaches or releases.
  const named = attachedHosts(before);
  const [isHeld, isNamed] = [new Set(held.map(formatAttached)), new Set(named.map(formatAttached))];
  const current = new Set(wanted.map(formatAttached));
  const old = new Map([...held, ...named].map((each) => [formatAttached(each), each]));
  return {
    add: wanted.filter((each) => !isHeld.has(formatAttached(each)) || !isNamed.has(formatAttached(each))),
    remove: [...old].flatMap(([text, each]) => (current.has(text) ? [] : each)),
    wanted,
    hadAny: old.size > 0,
  };
}

/** The hosts that a tenant cannot attach, and the hosts of others that it may replace. */
export interface Conflicts {
  /** Those that overlap a host of another tenant, or that routes of the owner itself name. */
  taken: AttachedHost[];
  /** Attached by tenants that the owner no longer admits. */
  replaced: Attachment[];
}

/**
 * Compares hosts that a tenant attaches with the hosts of other tenants on the same gateways.
 *
 * @param add the hosts to attach
 */
export async function conflictsOf(
  store: Store,
  tenant: string,
  owners: Owners,
  add: readonly AttachedHost[],
): Promise<Conflicts> {
  if (add.length === 0) return { taken: [], replaced: [] };
  const found = await store.attached.overlapping(tenant, add);
  const isAdmitted = ({ owner, tenant: other, host }: Attachment) => admits(owners.get(owner)?.gateways, other, host);
  const others = Map.groupBy(found.filter(isAdmitted), ({ owner }) => owner);
  const held = new Map([...others].map(([owner, all]) => [owner, overlapping(all.map(({ host }) => host))]));
  const taken = add.filter(
    ({ owner, host }) => owners.get(owner)?.gateways?.isRoutedByOwner(host) || held.get(owner)?.(host),
  );
  const isTaken = new Set(taken.map(formatAttached));
  const free = Map.groupBy(
    add.filter((each) => !isTaken.has(formatAttached(each))),
    ({ owner }) => owner,
  );
  const due = new Map([...free].map(([owner, all]) => [owner, overlapping(all.map(({ host }) => host))]));
  return { taken, replaced: found.filter((each) => !isAdmitted(each) && due.get(each.owner)?.(each.host)) };
}

/**
 * Finds the hosts of other tenants on the gateways of a tenant that new routes of the tenant would take from them.
 *
 * @param next the configuration with the new routes
 */
export async function takenFromOthers(
  store: Store,
  tenant: string,
  head: Configuration,
  next: Configuration,
): Promise<Attachment[]> {
  const { admitted } = await attachedAt(store, tenant, next, newlyRouted(head, next));
  return admitted;
}

/** Finds the hosts of other tenants on the gateways of a tenant that it no longer admits, among these hosts. */
export async function notAdmitted(
  store: Store,
  tenant: string,
  next: Configuration,
  hosts: readonly HostPattern[],
): Promise<Attachment[]> {
  return (await attachedAt(store, tenant, next, hosts)).others;
}

/** Lists the hosts that routes of a tenant with shared gateways name only after a change. */
export function newlyRouted(head: Configuration, next: Configuration): HostPattern[] {
  if (head.shares('route', next) || sharedGateways(next).length === 0) return [];
  const before = routeHosts(head);
  return [...routeHosts(next)].filter((host) => !before.has(host));
}

/** Finds the hosts among these that other tenants have attached to the gateways of a tenant. */
async function attachedAt(store: Store, tenant: string, next: Configuration, hosts: readonly HostPattern[]) {
  if (hosts.length === 0) return { admitted: [], others: [] };
  // A route of the owner comes first, so the hosts are compared with the gateways as they are without the new routes.
  const gateways = new OwnerGateways(next.change({ deletes: routesOf(next) }), tenant);
  const names = new Set(hosts);
  const rows = await store.attached.overlapping(
    tenant,
    hosts.map((host) => ({ owner: tenant, host })),
  );
  const found = rows.filter(({ host }) => names.has(host));
  const isAdmitted = ({ tenant: other, host }: Attachment) => admits(gateways, other, host);
  return { admitted: found.filter(isAdmitted), others: found.filter((each) => !isAdmitted(each)) };
}

const routesOf = (configuration: Configuration) =>
  configuration.names('route').map((name) => ({ kind: 'route' as const, name }));

/** Whether a server of the owner admits a host of a tenant. */
const admits = (gateways: OwnerGateways | undefined, tenant: string, host: string): boolean =>
  gateways?.for(tenant, [host]).some(([, { servers }]) => servers.some(({ hosts }) => hosts.length > 0)) ?? false;
