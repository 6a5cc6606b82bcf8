import type { Context } from '../context.ts';
import { exhausted } from '../plans/room.ts';
import { Problem } from '../problem.ts';
import { withdrawHosts } from '../publishing/withdraw-hosts.ts';
import { serves } from '../serving/serving.ts';
import type { FleetJudgement } from '../store/fleet-judgement.ts';
import type { Fleet, FleetOutcome } from '../store/fleets.ts';
import { Evaluation, NAMED, type Unserved } from './evaluation.ts';
import { movedClaims } from './moved-claims.ts';
import type { OtherFleets } from './other-fleets.ts';
import type { Refused } from './refused.ts';

/** A change of one fleet: `before` and `after` are the two versions of it. */
export interface Change {
  /** The fleet as it is stored now. Undefined when the change creates the fleet. */
  before?: Fleet;
  /** The fleet as the change leaves it. Undefined when the change removes the fleet. */
  after?: Fleet;
  /** Applies the change even if it leaves resources unserved. */
  force: boolean;
}

/** The resources of tenants that the changed fleet no longer serves. */
export interface Stopped {
  /** The first 1,000 of these resources. */
  stopped: Unserved[];
  /** The number of all these resources. */
  stoppedCount: number;
}

/** The API tries at least so often, and for so long, to write a change while others change the fleets or the claims. */
const TRIES = 5;
const PATIENCE_MS = 10_000;

/**
 * Checks a change of one fleet against every tenant that it affects, and writes the change.
 *
 * Tenants may publish while the check runs. The API judges these publications on the old fleets until the batch of the
 * change is written, and on the new fleets afterwards. After the batch, this function checks every tenant again that
 * published during the check. The returned value includes the resources of these tenants that the fleet stops serving.
 *
 * Before a shared fleet begins to serve hosts and ports that their tenants may not have, this function withdraws them. No
 * tenant can prevent a forced change by them.
 *
 * @param ctx the request
 * @param change the fleet before and after the change, and whether resources may become unserved
 * @param write writes the change as one batch. It receives the fleets' generation and the host claims that the change
 *   moves (`judged`), and the resources that become unserved, as far as they are known (`stopped`). It returns false
 *   when the name of a new fleet is taken, or when the version of an existing fleet is stale.
 * @returns the resources that the fleet stops serving, and what was withdrawn; undefined when `write` returned false
 * @throws Problem `fleet-in-use` with the resources that would become unserved, unless `force` is true. A withdrawn host
 *   counts when a fleet serves it that operators have dedicated to its tenant
 * @throws Problem `port-taken` when the fleet would begin to serve a port that several tenants use, unless `force` is true
 * @throws Problem `too-many` when the tenant manages as many fleets as its plan allows
 * @throws Problem `unavailable` when other writers were faster at every attempt of ten seconds
 */
export async function applyChange(
  ctx: Context,
  change: Change,
  write: (judged: FleetJudgement, stopped: Stopped) => Promise<FleetOutcome>,
): Promise<Stopped | undefined> {
  const { after } = change;
  const { coming } = ctx.services.fleets;
  if (after && after.tenant === undefined) coming.add(after);
  try {
    return await tryChange(ctx, change, write);
  } finally {
    if (after) coming.delete(after);
  }
}

async function tryChange(
  ctx: Context,
  { before, after, force }: Change,
  write: (judged: FleetJudgement, stopped: Stopped) => Promise<FleetOutcome>,
): Promise<Stopped | undefined> {
  const { store } = ctx;
  const { fleets } = ctx.services;
  const withdrawn: Unserved[] = [];
  const deadline = Date.now() + PATIENCE_MS;
  for (let tries = 1; tries <= TRIES || Date.now() < deadline; tries++) {
    fleets.forget();
    const { generation } = await fleets.platform(ctx.now);
    const others: OtherFleets = async (tenant) =>
      (await fleets.of(tenant, ctx.now)).all.filter(({ name }) => name !== (before ?? after)!.name);
    const evaluation = new Evaluation(store, { before, after }, others);
    await evaluation.run();
    const { claims, refused } = await movedClaims(ctx.services, { before, after }, others);
    const dedicated = refused.filter(({ isDedicated }) => isDedicated).flatMap(({ places }) => places);
    if (evaluation.count + dedicated.length > 0 && !force) throw inUse(evaluation, dedicated);
    const ports = refused.flatMap(({ places }) => places).filter(({ code }) => code === 'port-taken');
    if (ports.length > 0 && !force) throw portTaken(ports);
    if (refused.length > 0) {
      if (!(await isCurrent(ctx, before, after))) return undefined;
      for (const each of refused) await withdraw(ctx, after!, each);
      withdrawn.push(...refused.flatMap(({ places }) => places));
      continue;
    }
    const outcome = await write({ generation, claims }, stoppedBy(evaluation, withdrawn));
    if (outcome === 'raced') continue;
    if (outcome === 'no room') throw await exhausted(ctx, 'fleets', after!.tenant!);
    if (!outcome) return undefined;
    fleets.changed();
    await evaluation.run();
    return stoppedBy(evaluation, withdrawn);
  }
  throw new Problem('unavailable', { detail: 'too many writers at once; retry', headers: { 'retry-after': '1' } });
}

/** Adds withdrawn hosts and ports to the resources that become unserved. */
const stoppedBy = ({ unserved, count }: Evaluation, withdrawn: readonly Unserved[]): Stopped => ({
  stopped: [...unserved, ...withdrawn].slice(0, NAMED),
  stoppedCount: count + withdrawn.length,
});

/** Whether the store has the fleet as it was before the change. A change that would fail must withdraw nothing. */
async function isCurrent({ store }: Context, before: Fleet | undefined, after: Fleet | undefined): Promise<boolean> {
  return (await store.fleets.find((before ?? after)!.name))?.version === before?.version;
}

/** Withdraws hosts and ports that a shared fleet is about to serve. */
const withdraw = ({ services }: Context, fleet: Fleet, { tenant, hosts, ports }: Refused): Promise<void> =>
  withdrawHosts(services, {
    tenant,
    hosts,
    ports,
    isConcerned: (gateway) => serves(fleet, tenant, gateway),
    job: 'change-fleets',
    message: `the shared fleet ${fleet.name} begins to serve gateways with hosts or ports that the tenant cannot have there`,
  });

/**
 * Makes the problem that rejects a change because resources would become unserved. It names tenants, because the
 * caller is an operator, who may know the name of every tenant.
 */
function inUse(evaluation: Evaluation, withdrawn: readonly Unserved[]): Problem {
  const { stopped, stoppedCount: count } = stoppedBy(evaluation, withdrawn);
  const tenants = [...new Set([...evaluation.tenants, ...withdrawn.map(({ tenant }) => tenant)])];
  const named = tenants.slice(0, 10).join(', ');
  const more = tenants.length > 10 ? ` and ${tenants.length - 10} more tenants` : '';
  const what = count === 1 ? '1 resource, or part of a resource,' : `${count} resources, or parts of resources,`;
  return new Problem('fleet-in-use', {
    detail: `no fleet would serve ${what} of ${named}${more}; to apply the change nevertheless, send it with ?force=true`,
    violations: stopped,
  });
}

/** Makes the problem that rejects a change because several tenants would use the same port of the fleet. */
function portTaken(places: readonly Unserved[]): Problem {
  const tenants = [...new Set(places.map(({ tenant }) => tenant))];
  return new Problem('port-taken', {
    detail: `a shared fleet would serve the same port for several tenants: ${tenants.join(', ')}; to withdraw it from them, send ?force=true`,
    violations: places.slice(0, NAMED),
  });
}
