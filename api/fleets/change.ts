import type { FleetChange } from '../../model/check/fleet-change.ts';
import type { Context } from '../context.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { Fleet, FleetJudgement, FleetOutcome } from '../store/fleets.ts';
import { overlapping } from '../store/hosts.ts';
import { Evaluation, movedClaims, type Unserved } from './evaluate.ts';

export interface Change {
  /** Undefined when it is new. */
  before?: Fleet;
  /** Undefined when it is removed. */
  after?: Fleet;
  /** Applies the change even if it leaves resources unserved. */
  force: boolean;
}

/** Resources the change left unserved: the first ones, and their number. */
export interface Stopped {
  stopped: Unserved[];
  stoppedCount: number;
}

const TRIES = 5;

/**
 * Checks a change of one fleet against every tenant it affects, and applies it.
 *
 * Tenants may publish during the check, still judged on the old fleets. From the batch on, every write is judged on the
 * new ones. Tenants that published before the batch are therefore checked again, and the response includes what the
 * fleet stops serving of theirs.
 *
 * @param write writes the change as one batch, given what is known so far of what it leaves unserved; returns false
 *   when its name is taken or its version is stale
 * @returns undefined when `write` returned false
 * @throws Problem `fleet-in-use` naming the resources that would be unserved (unless forced), `host-taken` when two
 *   tenants hold hosts that the fleet would begin to share, `unavailable` after five lost races
 */
export async function applyChange(
  ctx: Context,
  { before, after, force }: Change,
  write: (judged: FleetJudgement, stopped: Stopped) => Promise<FleetOutcome>,
): Promise<Stopped | undefined> {
  const { store } = ctx;
  const { fleets } = ctx.services;
  for (let tries = 1; tries <= TRIES; tries++) {
    fleets.forget();
    const { generation, all } = await fleets.current(ctx.now);
    const others = all.filter(({ name }) => name !== (before ?? after)!.name);
    const change: FleetChange = { before, after, others };
    const evaluation = new Evaluation(store, change);
    await evaluation.run();
    if (evaluation.count > 0 && !force) throw inUse(evaluation);
    const claims = await movedClaims(store, change, {
      before: before ? [...others, before] : others,
      after: after ? [...others, after] : others,
    });
    const outcome = await write({ generation, claims }, stoppedBy(evaluation));
    if (outcome === 'raced') continue;
    if (outcome === 'host') throw await hostTaken(ctx, claims);
    if (!outcome) return undefined;
    fleets.changed();
    await evaluation.run();
    return stoppedBy(evaluation);
  }
  throw new Problem('unavailable', { detail: 'too many writers at once; retry', headers: { 'retry-after': '1' } });
}

const stoppedBy = ({ unserved, count }: Evaluation): Stopped => ({ stopped: unserved, stoppedCount: count });

/** The caller is an operator, who may know every tenant's name. */
function inUse({ unserved, count, tenants }: Evaluation): Problem {
  const named = tenants.slice(0, 10).join(', ');
  const more = tenants.length > 10 ? ` and ${tenants.length - 10} more tenants` : '';
  return new Problem('fleet-in-use', {
    detail: `the fleet would leave ${count} of what ${named}${more} configured unserved; with force=true the change is applied and the response lists them`,
    violations: unserved,
  });
}

async function hostTaken(ctx: Context, claims: FleetJudgement['claims']): Promise<Problem> {
  const taken: ProblemViolation[] = [];
  for (const [index, { tenant, add }] of claims.entries()) {
    const held = new Set(add.length > 0 ? await ctx.store.commits.takenHosts(tenant, add) : []);
    const isRivalled = overlapping(claims.filter((_, other) => other !== index).flatMap((other) => other.add));
    for (const host of add) {
      if (!held.has(host) && !isRivalled(host)) continue;
      const message = `${host} belongs to another tenant, or overlaps a host that does: the fleet cannot serve both`;
      taken.push({ tenant, path: '', code: 'host-taken', message });
    }
  }
  const whose = [...new Set(taken.map(({ tenant }) => tenant))].join(', ');
  return new Problem('host-taken', {
    detail: `a shared fleet would serve hosts that belong to other tenants: those of ${whose}`,
    violations: taken,
  });
}
