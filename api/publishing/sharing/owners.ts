import { childTenants, delegationOf, inheritNoDelegation } from '../../../model/binding/delegation.ts';
import { getOrAdd } from '../../../model/binding/get-or-add.ts';
import {
  type AttachedHost,
  attachedHosts,
  combine,
  type ForeignGateway,
  foreignGateways,
  gatewayOwners,
  noForeignGateways,
  OwnerGateways,
} from '../../../model/binding/shared-gateway.ts';
import { Configuration } from '../../../model/configuration.ts';
import type { Kind, SpecOf } from '../../../model/kinds/index.ts';
import { gatewaysOf } from '../../../model/kinds/route.ts';
import { isForeign } from '../../../model/values/reference.ts';
import { Problem } from '../../problem.ts';
import type { OtherHead } from '../../store/head-guards.ts';
import type { Store } from '../../store/store.ts';
import type { Head } from '../heads/head.ts';
import type { Heads } from '../heads/heads.ts';
import type { Conflicts } from './conflicts.ts';

/** A tenant to whose gateways routes of another tenant attach, or to whose routes they delegate. */
interface Owner {
  name: string;
  /** Undefined when there is no such tenant. */
  head: Head | undefined;
  gateways: OwnerGateways | undefined;
}

/** The owners of the gateways and routes that routes name, by name. */
export type Owners = ReadonlyMap<string, Owner>;

/** No owners, as for nearly all tenants. */
const none: Owners = new Map();

/**
 * Notes that a configuration names no gateway of another tenant, and that no route delegates, if that follows from the
 * change that led to it. All its routes need not be read then.
 *
 * @param written the resources that the change wrote
 */
function inheritNone(
  before: Configuration,
  after: Configuration,
  written: readonly { kind: Kind; spec?: object }[],
): void {
  if (before.shares('route', after)) return;
  inheritNoDelegation(before, after, written);
  if (foreignGateways(before).size > 0) return;
  if (!written.some((each) => isRoute(each) && gatewaysOf(each.spec).some(isForeign))) noForeignGateways(after);
}

const isRoute = (each: { kind: Kind; spec?: object }): each is { kind: 'route'; spec: SpecOf<'route'> } =>
  each.kind === 'route' && each.spec !== undefined;

/** The other tenants on whose configurations a change of a tenant depends. */
export interface Others {
  /** The owners of the gateways and routes that routes name before or after the change. */
  owners: Owners;
  /** The tenants that routes name as parents before or after the change. */
  parents: ParentTenants;
}

/**
 * Loads the other tenants on which a change depends. For nearly all changes, these are none.
 *
 * @param written the resources that the change wrote
 */
export async function othersOf(
  heads: Heads,
  before: Configuration,
  after: Configuration,
  written: readonly { kind: Kind; spec?: object }[],
): Promise<Others> {
  inheritNone(before, after, written);
  if (!namesOthers(before) && !namesOthers(after)) return { owners: none, parents: noParents };
  return othersIn(heads, before, after);
}

function namesOthers(configuration: Configuration): boolean {
  const { children, parents } = delegationOf(configuration);
  return foreignGateways(configuration).size + children.size + parents.size > 0;
}

/** Loads the other tenants that the routes of these configurations name, each of them once, so that they fit together. */
export async function othersIn(heads: Heads, ...configurations: readonly Configuration[]): Promise<Others> {
  const load = loading(heads);
  return { owners: await loadOwners(load, configurations), parents: await loadParents(load, configurations) };
}

/** Loads the owners of the gateways that the routes of these configurations name, and of the routes to which they delegate. */
export const ownersOf = (heads: Heads, ...configurations: readonly Configuration[]): Promise<Owners> =>
  loadOwners(loading(heads), configurations);

/** Loads the tenants that the routes of these configurations name as parents. */
export const parentsOf = (heads: Heads, ...configurations: readonly Configuration[]): Promise<ParentTenants> =>
  loadParents(loading(heads), configurations);

type Load = (name: string) => Promise<Owner>;

/** Makes a function that loads each tenant once, however often it is called. */
function loading(heads: Heads): Load {
  const loaded = new Map<string, Promise<Owner>>();
  return (name) => getOrAdd(loaded, name, () => loadOwner(heads, name));
}

async function loadOwners(load: Load, configurations: readonly Configuration[]): Promise<Owners> {
  const names = new Set(configurations.flatMap((each) => [...gatewayOwners(each), ...childTenants(each)]));
  if (names.size === 0) return none;
  return new Map(await Promise.all([...names].map(async (name) => [name, await load(name)] as [string, Owner])));
}

/** Loads a tenant to whose gateways routes of others attach. */
export async function loadOwner(heads: Heads, name: string): Promise<Owner> {
  try {
    const { head } = await heads.current(name);
    return { name, head, gateways: new OwnerGateways(head.configuration, name) };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'not-found') throw error;
    return { name, head: undefined, gateways: undefined };
  }
}

/**
 * Makes the combined of a tenant: its configuration with the shared gateways that its routes name.
 *
 * @param held the hosts that the tenant has attached; default: all hosts that its routes would attach
 */
export function combinedWith(
  owners: Owners,
  tenant: string,
  configuration: Configuration,
  held?: readonly AttachedHost[],
): Configuration {
  if (owners.size === 0) return configuration;
  const byOwner = Map.groupBy(held ?? attachedHosts(configuration), ({ owner }) => owner);
  return combine(
    configuration,
    tenant,
    [...owners.values()].flatMap(({ name, gateways }) =>
      gateways ? { gateways, hosts: (byOwner.get(name) ?? []).map(({ host }) => host) } : [],
    ),
  );
}

/** A tenant whose routes may delegate to routes of another tenant. */
interface ParentTenant extends Owner {
  /** The gateways through which fleets serve the tenant: its own, and those to which it attaches routes. */
  servedThrough: readonly ForeignGateway[];
  /** The owners of the gateways to which it attaches routes. */
  through: Owners;
}

/** Tenants that routes name as parents, by name. */
export type ParentTenants = ReadonlyMap<string, ParentTenant>;

const noParents: ParentTenants = new Map();

async function loadParents(load: Load, configurations: readonly Configuration[]): Promise<ParentTenants> {
  const names = new Set(configurations.flatMap((each) => [...delegationOf(each).parents]));
  if (names.size === 0) return noParents;
  const loadParent = async (name: string): Promise<[string, ParentTenant]> => {
    const owner = await load(name);
    const configuration = owner.head?.configuration ?? Configuration.empty;
    const own = [...configuration.entries('gateway')].map(([, spec]) => ({ ...spec, owner: name }));
    const through = attachedOwners(await loadOwners(load, [configuration]), [configuration]);
    const combined = combinedWith(through, name, configuration);
    return [name, { ...owner, servedThrough: [...own, ...foreignIn(combined)], through }];
  };
  return new Map(await Promise.all([...names].map(loadParent)));
}

/**
 * Lists the gateways through which fleets serve the tenants that the routes of a configuration name as parents. Those that
 * a tenant names of itself are left out: they are as they were before its change.
 */
export const parentGateways = (
  parents: ParentTenants,
  tenant: string,
  configuration: Configuration,
): ForeignGateway[] =>
  [...delegationOf(configuration).parents].flatMap((name) =>
    name === tenant ? [] : (parents.get(name)?.servedThrough ?? []).filter(({ owner }) => owner !== tenant),
  );

/** Lists the gateways of other tenants that the routes of a configuration name, as far as they may attach to them. */
export const namedGateways = (owners: Owners, tenant: string, configuration: Configuration): ForeignGateway[] =>
  owners.size === 0
    ? []
    : foreignIn(combinedWith(owners, tenant, configuration)).filter(({ owner }) => owner !== tenant);

/**
 * Lists the heads of the other tenants that decide which fleets serve a tenant and which hosts it may attach. What a
 * rule delegates to is read again by agents, so the owner of such a route is not among them.
 *
 * @param configurations the configurations of the tenant, before and after a change
 * @param moved the hosts that the change attaches, and the conflicts of these; absent: every route of the other tenants
 *   counts
 */
export function decidingHeads(
  tenant: string,
  { owners, parents }: Others,
  configurations: readonly Configuration[],
  moved?: { add: readonly AttachedHost[]; conflicts: Conflicts },
): OtherHead[] {
  const whole = new Map<string, Owner>(parents);
  for (const { through } of parents.values()) for (const [name, owner] of through) whole.set(name, owner);
  const all = new Map([...attachedOwners(owners, configurations), ...whole]);
  all.delete(tenant);
  const added = Map.groupBy(moved?.add ?? [], ({ owner }) => owner);
  const isWhole = new Set(whole.keys());
  if (moved) {
    // Hosts that the owner has kept back from this tenant or from another one may become free.
    const wanted = configurations.flatMap(attachedHosts);
    const keptBack = wanted.filter(({ owner, host }) => owners.get(owner)?.gateways?.isRoutedByOwner(host));
    for (const { owner } of [...moved.conflicts.taken, ...moved.conflicts.replaced, ...keptBack]) isWhole.add(owner);
  }
  const routed = (name: string): Pick<OtherHead, 'routed'> =>
    moved === undefined || isWhole.has(name)
      ? {}
      : { routed: { tenant, hosts: (added.get(name) ?? []).map(({ host }) => host) } };
  return [...all.values()].map(({ name, head }) => ({
    owner: name,
    head: head?.id ?? '',
    revision: head?.revision ?? 0,
    tenantCreatedAt: head?.born ?? 0,
    ...routed(name),
  }));
}

/** Returns those owners to whose gateways the routes of these configurations attach. */
function attachedOwners(owners: Owners, configurations: readonly Configuration[]): Owners {
  const names = new Set(configurations.flatMap((each) => [...gatewayOwners(each)]));
  return new Map([...owners].filter(([name]) => names.has(name)));
}

/** Lists the gateways of other tenants in a combined that the tenant's routes name. */
function foreignIn(combined: Configuration): ForeignGateway[] {
  const named = foreignGateways(combined);
  return [...combined.entries('gateway')].flatMap(([name, spec]) =>
    isForeign(name) && named.has(name) ? (spec as ForeignGateway) : [],
  );
}

/** The combined configuration of a tenant with the hosts that it has attached now. */
export async function combinedNow(
  { heads, store }: { heads: Heads; store: Store },
  tenant: string,
  configuration: Configuration,
): Promise<Configuration> {
  const owners = await ownersOf(heads, configuration);
  return owners.size === 0
    ? configuration
    : combinedWith(owners, tenant, configuration, await store.attached.of(tenant));
}
