import type { SpecOf } from '../../model/kinds/index.ts';
import type { HostPattern } from '../../model/values/host.ts';
import type { Services } from '../context.ts';
import type { Unproven } from '../domains/proven.ts';
import { inSlices, Pace } from '../pace.ts';
import { judgeHosts } from '../publishing/domain-proofs.ts';
import { missingIn, portsOf } from '../serving/port-claims.ts';
import { claiming, isOnShared } from '../serving/serving.ts';
import type { FleetJudgement } from '../store/fleet-judgement.ts';
import type { Fleet } from '../store/fleets.ts';
import { specsOf } from './specs.ts';

/** The changed fleet, before and after the change. */
export interface FleetPair {
  before: Fleet | undefined;
  after: Fleet | undefined;
}

/** The fleets that may serve one tenant, before and after a change. */
interface AllFleets {
  before: readonly Fleet[];
  after: readonly Fleet[];
}

type Gateway = SpecOf<'gateway'>;

/** The effect of a change of a fleet on one tenant. */
export interface Move {
  tenant: string;
  /** The fleets that may serve the tenant before the change. */
  before: readonly Fleet[];
  claim: Required<FleetJudgement['claims'][number]>;
  gateways: readonly (readonly [name: string, spec: Gateway])[];
  /** The hosts that a shared fleet would begin to serve. */
  served: ReadonlySet<HostPattern>;
  /** The hosts that the tenant does not get, and why. */
  refused: Map<HostPattern, Unproven | 'taken'>;
  /** The ports of the fleet that the tenant does not get. */
  refusedPorts: Set<string>;
}

/**
 * Computes the effect of a change of a fleet on one tenant.
 *
 * @param rest the other fleets that may serve the tenant
 * @returns undefined when there is no such tenant
 */
export async function moveOf(
  services: Pick<Services, 'store' | 'settings'>,
  tenant: string,
  change: FleetPair,
  rest: readonly Fleet[],
): Promise<Move | undefined> {
  const { store } = services;
  const found = await store.tenants.find(tenant);
  if (!found) return undefined;
  const named = await specsOf(store, tenant, 'gateway', found.revision);
  const gateways = named.map(([, spec]) => spec);
  const { before, after } = change;
  const fleets = { before: before ? [...rest, before] : rest, after: after ? [...rest, after] : rest };
  const { domains, hosts, served, refused } = await movedHosts(services, tenant, gateways, fleets);
  const { ports, refusedPorts } = await movedPorts(services, tenant, gateways, change);
  const claim = { tenant, revision: found.revision, ...hosts, ports, domains };
  return { tenant, before: fleets.before, claim, gateways: named, served, refused, refusedPorts };
}

/**
 * Computes the hosts that the tenant claims and releases, those that shared fleets begin to serve, and those that it
 * does not get.
 */
async function movedHosts(
  services: Pick<Services, 'store' | 'settings'>,
  tenant: string,
  gateways: readonly Gateway[],
  fleets: AllFleets,
) {
  const { commits } = services.store;
  const pace = new Pace();
  const claimed = (by: readonly Fleet[], some: readonly Gateway[]) => inSlices(claiming(by, tenant, some), pace);
  const had = await claimed(fleets.before, gateways);
  const due = await claimed(fleets.after, gateways);
  const served = await newlyServed(tenant, gateways, fleets, claimed);
  const kept = new Set(served.size > 0 ? await commits.heldHosts(tenant, [...served]) : []);
  const wanted = new Set([...due].filter((host) => !had.has(host)));
  for (const host of served) if (!kept.has(host)) wanted.add(host);
  const { refused: unproven, ...domains } = await judgeHosts(services, tenant, [...wanted]);
  const refused: Move['refused'] = new Map(unproven.map(({ host, why }) => [host, why]));
  const permitted = [...wanted].filter((host) => !refused.has(host));
  for (const host of permitted.length > 0 ? await commits.takenHosts(tenant, permitted) : [])
    refused.set(host, 'taken');
  const hosts = {
    add: permitted.filter((host) => !refused.has(host)),
    remove: [...had].filter((host) => !due.has(host)),
  };
  return { domains, hosts, served, refused };
}

/** Computes the hosts that shared fleets serve after the change, and not before it. */
async function newlyServed(
  tenant: string,
  gateways: readonly Gateway[],
  { before, after }: AllFleets,
  claimed: (fleets: readonly Fleet[], some: readonly Gateway[]) => Promise<Set<HostPattern>>,
): Promise<Set<HostPattern>> {
  const isServed = (gateway: Gateway) => isOnShared(before, tenant, gateway);
  const begun = gateways.filter((gateway) => !isServed(gateway) && isOnShared(after, tenant, gateway));
  if (begun.length === 0) return new Set();
  const served = await claimed(after, begun);
  for (const host of await claimed(before, gateways.filter(isServed))) served.delete(host);
  return served;
}

/** Computes the ports of the fleet that the tenant claims and releases, and those that it does not get. */
async function movedPorts(
  { store }: Pick<Services, 'store'>,
  tenant: string,
  gateways: readonly Gateway[],
  { before, after }: FleetPair,
) {
  const portsOn = (fleet: Fleet | undefined) => portsOf(fleet ? [fleet] : [], tenant, gateways);
  const [had, due] = [portsOn(before), portsOn(after)];
  const wanted = missingIn(due, had);
  const taken = wanted.length > 0 ? await store.commits.takenPorts(tenant, wanted) : [];
  const refusedPorts = new Set(taken.map(({ port }) => port));
  const ports = { add: wanted.filter(({ port }) => !refusedPorts.has(port)), remove: missingIn(had, due) };
  return { ports, refusedPorts };
}
