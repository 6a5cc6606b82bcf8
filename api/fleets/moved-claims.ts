import { movesGateways } from '../../model/check/fleet-change.ts';
import type { Services } from '../context.ts';
import { allItems } from '../every-item.ts';
import type { FleetJudgement } from '../store/fleet-judgement.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Page } from '../store/query.ts';
import { refuseContested } from './contested.ts';
import { type FleetPair, type Move, moveOf } from './move.ts';
import type { OtherFleets } from './other-fleets.ts';
import { type Refused, refusedIn } from './refused.ts';

/** The number of tenants that one query reads. */
const TENANTS_A_PAGE = 50;
/** The number of names of tenants that one query reads. */
const OWNERS_A_PAGE = 1000;

/** The effect of a change of a fleet on the claims of all tenants. */
export interface MovedClaims {
  /** The claims to add and to remove, per tenant, with the revision at which they were computed. */
  claims: FleetJudgement['claims'];
  /** What to withdraw before the change. */
  refused: Refused[];
}

/**
 * Computes which claims a change of a fleet adds and removes.
 *
 * A tenant claims a host of its gateways unless only dedicated fleets serve these gateways. A change of a fleet
 * therefore removes host claims only of tenants that have a dedicated fleet before or after the change. A shared fleet
 * may begin to serve hosts of every tenant. The tenant needs the same proofs for them as when it writes the gateway,
 * unless it has claimed them already. A tenant claims a port on the shared fleets that serve its gateways, so a change
 * of a shared fleet may add or remove port claims of every tenant.
 *
 * A host that the tenant may not have, or that another tenant has claimed, is not claimed. If a shared fleet would
 * begin to serve it, it is among the refused ones. The same applies to ports.
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
  return {
    claims: moves.map(({ claim }) => claim),
    refused: moves.flatMap((move) => refusedIn(move, change.after) ?? []),
  };
}

const isEffective = ({ claim: { add, ports }, refused, refusedPorts }: Move): boolean =>
  add.length + refused.size + refusedPorts.size + ports.add.length + ports.remove.length > 0;
