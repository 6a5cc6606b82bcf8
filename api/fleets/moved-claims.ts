import { portZone } from '../../model/binding/ports.ts';
import { movesGateways } from '../../model/check/fleet-change.ts';
import { hostsIn, type SpecOf } from '../../model/kinds/index.ts';
import type { HostPattern } from '../../model/values/host.ts';
import { sendsHost } from '../../model/values/protocol.ts';
import { resourceName } from '../../model/violations.ts';
import type { Services } from '../context.ts';
import type { Unproven } from '../domains/proven.ts';
import { allItems } from '../every-item.ts';
import { inSlices, Pace } from '../pace.ts';
import { judgeHosts } from '../publishing/domain-proofs.ts';
import { missingIn, portsOf } from '../serving/port-claims.ts';
import { claiming, isOnShared, serves } from '../serving/serving.ts';
import type { FleetJudgement } from '../store/fleet-judgement.ts';
import type { Fleet } from '../store/fleets.ts';
import { overlapping } from '../store/hosts.ts';
import type { Page } from '../store/query.ts';
import type { Unserved } from './evaluation.ts';
import type { OtherFleets } from './other-fleets.ts';
import { specsOf } from './specs.ts';

/** The number of tenants that one query reads. */
const TENANTS_A_PAGE = 50;
/** The number of names of tenants that one query reads. */
const OWNERS_A_PAGE = 1000;

/** Hosts and ports of a tenant that a shared fleet would begin to serve, although the tenant may not have them. */
export interface Refused {
  tenant: string;
  hosts: Set<HostPattern>;
  /** As `portZone` names them. */
  ports: Set<string>;
  /** Where the hosts and ports are, and why the tenant may not have them. */
  places: Unserved[];
  /** Whether a fleet that operators have dedicated to the tenant serves one of them. */
  isDedicated: boolean;
}

/** The effect of a change of a fleet on the claims of all tenants. */
export interface MovedClaims {
  /** The claims to add and to remove, per tenant, with the revision at which they were computed. */
  claims: FleetJudgement['claims'];
  /** What to withdraw before the change. */
  refused: Refused[];
}

type Gateways = readonly (readonly [name: string, spec: SpecOf<'gateway'>])[];

/** The changed fleet, before and after the change. */
interface FleetPair {
  before: Fleet | undefined;
  after: Fleet | undefined;
}

/** The fleets that may serve one tenant, before and after a change. */
interface AllFleets {
  before: readonly Fleet[];
  after: readonly Fleet[];
}

/**
 * Computes which claims a change of a fleet adds and removes.
 *
 * A tenant claims a host of its gateways unless only dedicated fleets serve these gateways. A change of a fleet
 * therefore removes host claims only of tenants that have a dedicated fleet before or after the change. A shared fleet
 * may begin to serve hosts of every tenant. The tenant needs the same proofs for them as when it writes the gateway,
 * unless it has claimed them already. A tenant claims a port on the shared fleets that serve its gateways, so a change of
 * a shared fleet may add or remove port claims of every tenant.
 *
 * A host that the tenant may not have, or that another tenant has claimed, is not claimed. If a shared fleet would begin
 * to serve it, it is among the refused ones. The same applies to ports.
 *
 * @param change the fleet before and after the change
 */
export async function movedClaims(
  services: Pick<Services, 'store' | 'settings'>,
  change: FleetPair,
  others: OtherFleets,
): Promise<MovedClaims> {
  if (!movesGateways(change)) return { claims: [], refused: [] };
  const { store } = services;
  const isOpen = (fleet: Fleet | undefined) => fleet !== undefined && fleet.tenant === undefined;
  const shared = isOpen(change.before) || isOpen(change.after);
  const dedicated = [change.before?.tenant, change.after?.tenant].filter((name) => name !== undefined);
  const owners = shared ? await allItems((page) => store.fleets.tenants(page), String, OWNERS_A_PAGE) : [];
  const affected = new Set([...owners, ...dedicated]);
  const listed = (page: Page) => store.tenants.listWithGateways(page);
  const everyone = shared ? await allItems(listed, ({ name }) => name, TENANTS_A_PAGE) : [];
  const moves: Move[] = [];
  for (const tenant of new Set([...affected, ...everyone.map(({ name }) => name)])) {
    const move = await moveOf(services, tenant, change, await others(tenant));
    if (move && (affected.has(tenant) || isEffective(move))) moves.push(move);
  }
  refuseContested(moves);
  refuseContestedPorts(moves);
  return {
    claims: moves.map(({ claim }) => claim),
    refused: moves.flatMap((move) => refusedIn(move, change.after) ?? []),
  };
}

/** The effect on one tenant. */
interface Move {
  /** The fleets that may serve the tenant before the change. */
  before: readonly Fleet[];
  claim: Required<FleetJudgement['claims'][number]>;
  gateways: Gateways;
  /** The hosts that a shared fleet would begin to serve. */
  served: ReadonlySet<HostPattern>;
  /** The hosts that the tenant does not get, and why. */
  refused: Map<HostPattern, Unproven | 'taken'>;
  /** The ports of the fleet that the tenant does not get. */
  refusedPorts: Set<string>;
}

const isEffective = ({ claim: { add, ports }, refused, refusedPorts }: Move): boolean =>
  add.length + refused.size + refusedPorts.size + ports.add.length + ports.remove.length > 0;

async function moveOf(
  services: Pick<Services, 'store' | 'settings'>,
  tenant: string,
  { before, after }: FleetPair,
  rest: readonly Fleet[],
): Promise<Move | undefined> {
  const { store } = services;
  const found = await store.tenants.find(tenant);
  if (!found) return undefined;
  const named = await specsOf(store, tenant, 'gateway', found.revision);
  const gateways = named.map(([, spec]) => spec);
  const all = { before: before ? [...rest, before] : rest, after: after ? [...rest, after] : rest };
  const pace = new Pace();
  const claimed = (fleets: readonly Fleet[], some: readonly SpecOf<'gateway'>[]) =>
    inSlices(claiming(fleets, tenant, some), pace);
  const claimedBefore = await claimed(all.before, gateways);
  const due = await claimed(all.after, gateways);
  const served = await newlyServed(tenant, gateways, all, claimed);
  const kept = new Set(served.size > 0 ? await store.commits.heldHosts(tenant, [...served]) : []);
  const wanted = new Set([...due].filter((host) => !claimedBefore.has(host)));
  for (const host of served) if (!kept.has(host)) wanted.add(host);
  const { refused: unproven, ...domains } = await judgeHosts(services, tenant, [...wanted]);
  const refused = new Map<HostPattern, Unproven | 'taken'>(unproven.map(({ host, why }) => [host, why]));
  const permitted = [...wanted].filter((host) => !refused.has(host));
  for (const host of permitted.length > 0 ? await store.commits.takenHosts(tenant, permitted) : [])
    refused.set(host, 'taken');
  const portsOn = (fleet: Fleet | undefined) => portsOf(fleet ? [fleet] : [], tenant, gateways);
  const [portsBefore, portsAfter] = [portsOn(before), portsOn(after)];
  const newPorts = missingIn(portsAfter, portsBefore);
  const takenPorts = newPorts.length > 0 ? await store.commits.takenPorts(tenant, newPorts) : [];
  const refusedPorts = new Set(takenPorts.map(({ port }) => port));
  const claim = {
    tenant,
    revision: found.revision,
    add: permitted.filter((host) => !refused.has(host)),
    remove: [...claimedBefore].filter((host) => !due.has(host)),
    ports: { add: newPorts.filter(({ port }) => !refusedPorts.has(port)), remove: missingIn(portsBefore, portsAfter) },
    domains,
  };
  return { before: all.before, claim, gateways: named, served, refused, refusedPorts };
}

/** Computes the hosts that shared fleets serve after the change, and not before it. */
async function newlyServed(
  tenant: string,
  gateways: readonly SpecOf<'gateway'>[],
  { before, after }: AllFleets,
  claimed: (fleets: readonly Fleet[], some: readonly SpecOf<'gateway'>[]) => Promise<Set<HostPattern>>,
): Promise<Set<HostPattern>> {
  const isServed = (gateway: SpecOf<'gateway'>) => isOnShared(before, tenant, gateway);
  const begun = gateways.filter((gateway) => !isServed(gateway) && isOnShared(after, tenant, gateway));
  if (begun.length === 0) return new Set();
  const served = await claimed(after, begun);
  for (const host of await claimed(before, gateways.filter(isServed))) served.delete(host);
  return served;
}

/** Gives hosts to nobody that several tenants would claim at once: none of them has the better right. */
function refuseContested(moves: readonly Move[]): void {
  const claiming = moves.filter(({ claim }) => claim.add.length > 0);
  if (claiming.length < 2) return;
  const contested = claiming.map((move) => {
    const isRivalled = overlapping(claiming.flatMap((other) => (other === move ? [] : other.claim.add)));
    return move.claim.add.filter(isRivalled);
  });
  for (const [index, { claim, refused }] of claiming.entries()) {
    for (const host of contested[index]!) refused.set(host, 'taken');
    claim.add = claim.add.filter((host) => !refused.has(host));
  }
}

/** Does the same as {@link refuseContested} with ports. */
function refuseContestedPorts(moves: readonly Move[]): void {
  const byPort = Map.groupBy(
    moves.flatMap((move) => move.claim.ports.add.map(({ port }) => ({ port, move }))),
    ({ port }) => port,
  );
  for (const [contested, all] of byPort) {
    if (all.length < 2) continue;
    for (const { move } of all) {
      const { ports } = move.claim;
      move.claim.ports = { ...ports, add: ports.add.filter(({ port }) => port !== contested) };
      move.refusedPorts.add(contested);
    }
  }
}

/** Finds the places of the refused hosts and ports that the fleet would begin to serve. Undefined when there are none. */
function refusedIn(
  { before, claim: { tenant }, gateways, served, refused, refusedPorts: ports }: Move,
  after: Fleet | undefined,
): Refused | undefined {
  const hosts = new Set([...refused.keys()].filter((host) => served.has(host)));
  if (hosts.size + ports.size === 0 || !after) return undefined;
  const places: Unserved[] = [];
  let isDedicated = false;
  for (const [name, gateway] of gateways) {
    if (!serves(after, tenant, gateway)) continue;
    const found = [...hostsIn('gateway', gateway)].filter(([host]) => hosts.has(host));
    const openings = [...gateway.servers.entries()].filter(
      ([, { port }]) => !sendsHost(port.protocol) && ports.has(portZone(port)),
    );
    if (found.length + openings.length === 0) continue;
    isDedicated ||= before.some((fleet) => fleet.managedBy === undefined && serves(fleet, tenant, gateway));
    const at = { tenant, resource: resourceName('gateway', name) };
    for (const [host, path] of found)
      places.push({ ...at, path, code: 'host-withdrawn', message: messageOf(after, host, refused.get(host)!) });
    for (const [index, { port }] of openings)
      places.push({
        ...at,
        path: `/servers/${index}/port`,
        code: 'port-taken',
        message: portMessage(after, port.number),
      });
  }
  return { tenant, hosts, ports, places, isDedicated };
}

const REASONS: Record<Unproven | 'taken', string> = {
  unproven: 'the tenant has not proven its domain',
  'of another tenant': 'another tenant has proven its domain',
  'above another tenant': 'it covers a domain that another tenant has proven',
  'of the platform': 'it is on the domain of the platform',
  taken: 'it belongs to another tenant, or overlaps a host that does',
};

const messageOf = ({ name }: Fleet, host: string, why: Unproven | 'taken'): string =>
  `${host} is withdrawn from the gateway, because the shared fleet ${name} would serve it: ${REASONS[why]}`;

const portMessage = ({ name }: Fleet, port: number): string =>
  `the shared fleet ${name} would serve port ${port} for several tenants, and can give it to only one`;
