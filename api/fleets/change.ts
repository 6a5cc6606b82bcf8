import type { FleetChange } from '../../model/check/fleet-change.ts';
import type { Context } from '../context.ts';
import { exhausted } from '../plans/room.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { Fleet, FleetJudgement, FleetOutcome } from '../store/fleets.ts';
import { overlapping } from '../store/hosts.ts';
import { Evaluation, type Unserved } from './evaluation.ts';
import { movedClaims } from './moved-claims.ts';

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
  /** The first 1,000 of these resources, sorted by tenant. */
  stopped: Unserved[];
  /** The number of all these resources. */
  stoppedCount: number;
}

/** The number of times that the API tries to write a change while other writers change the fleets or the claims. */
const TRIES = 5;

/**
 * Checks a change of one fleet against every tenant that it affects, and writes the change.
 *
 * Tenants may publish while the check runs. The API judges these publications on the old fleets until the batch of the
 * change is written, and on the new fleets afterwards. After the batch, this function checks every tenant again that
 * published during the check. The returned value includes the resources of these tenants that the fleet stops serving.
 *
 * @param ctx the request
 * @param change the fleet before and after the change, and whether resources may become unserved
 * @param write writes the change as one batch. It receives the fleets' generation and the host claims that the change
 *   moves (`judged`), and the resources that become unserved, as far as they are known (`stopped`). It returns false
 *   when the name of a new fleet is taken, or when the version of an existing fleet is stale.
 * @returns the resources that the fleet stops serving; undefined when `write` returned false
 * @throws Problem `fleet-in-use` with the resources that would become unserved, unless `force` is true
 * @throws Problem `host-taken` when the fleet would begin to serve a host that two tenants claim
 * @throws Problem `port-taken` when the fleet would begin to serve a port that two tenants use
 * @throws Problem `too-many` when the tenant manages as many fleets as its plan allows
 * @throws Problem `unavailable` when another writer was faster at five attempts in a row
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
    if (outcome === 'port') throw portTaken(claims);
    if (outcome === 'no room') throw await exhausted(ctx, 'fleets', after!.tenant!);
    if (!outcome) return undefined;
    fleets.changed();
    await evaluation.run();
    return stoppedBy(evaluation);
  }
  throw new Problem('unavailable', { detail: 'too many writers at once; retry', headers: { 'retry-after': '1' } });
}

const stoppedBy = ({ unserved, count }: Evaluation): Stopped => ({ stopped: unserved, stoppedCount: count });

/**
 * Makes the problem that rejects a change because resources would become unserved. It names tenants, because the
 * caller is an operator, who may know the name of every tenant.
 */
function inUse({ unserved, count, tenants }: Evaluation): Problem {
  const named = tenants.slice(0, 10).join(', ');
  const more = tenants.length > 10 ? ` and ${tenants.length - 10} more tenants` : '';
  const what = count === 1 ? '1 resource, or part of a resource,' : `${count} resources, or parts of resources,`;
  return new Problem('fleet-in-use', {
    detail: `no fleet would serve ${what} of ${named}${more}; to apply the change nevertheless, send it with ?force=true`,
    violations: unserved,
  });
}

/**
 * Makes the problem that rejects a change because of its hosts. It reads again which of the added hosts another tenant
 * claims, and reports one violation per such host.
 *
 * @param claims the host claims that the change would move, per tenant
 */
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

/** Makes the problem that rejects a change because two tenants would use the same port of the fleet. */
function portTaken(claims: FleetJudgement['claims']): Problem {
  const byPort = Map.groupBy(
    claims.flatMap(({ tenant, ports }) => (ports?.add ?? []).map(({ port }) => ({ tenant, port }))),
    ({ port }) => port,
  );
  const taken = [...byPort].flatMap(([port, all]) =>
    all.length < 2
      ? []
      : all.map(({ tenant }) => ({
          tenant,
          path: '',
          code: 'port-taken',
          message: `port ${port} is used by several tenants, and the fleet can give it to only one`,
        })),
  );
  return new Problem('port-taken', {
    detail: `a shared fleet would serve the same port for several tenants: ${[...new Set(taken.map(({ tenant }) => tenant))].join(', ')}`,
    violations: taken,
  });
}
