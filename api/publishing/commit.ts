import { isSelected } from '../../model/kinds/index.ts';
import { passed } from '../../wire/milestones.ts';
import type { Context } from '../context.ts';
import type { KnownFleets } from '../fleets/directory.ts';
import { claiming, fleetsOf, hostsOf } from '../fleets/serving.ts';
import type { AnyReply } from '../http/route.ts';
import { inSlices, Pace } from '../pace.ts';
import type { ProblemViolation } from '../problem.ts';
import type { Commit } from '../store/commit.ts';
import type { Fleet } from '../store/fleets.ts';
import type { SealedKey } from '../store/keys.ts';
import type { Attempt } from './attempt.ts';
import { nowhere, type Placement } from './check.ts';
import { heldByOthers, hostTaken } from './gates/hosts.ts';
import type { Change, Head, Put } from './head.ts';
import { LostRace } from './heads.ts';

export interface Publication {
  /** What was loaded, and what it becomes. */
  head: Head;
  next: Head;
  /** From `head.with`: only what changes anything. */
  changes: readonly Change[];
  keys?: readonly SealedKey[];
  /** Default: the body holds no resource. */
  placed?: Placement;
  message?: string | undefined;
  restores?: number | undefined;
  /** The reply that reports the change, stored for its `Idempotency-Key`. */
  reply?: () => AnyReply;
}

export interface Published {
  revision: number;
  /** False when the configuration was already so: nothing was written, `revision` is the present one. */
  changed: boolean;
}

/**
 * The one batch that makes a revision, and the wake of the fleets it concerns.
 *
 * @throws LostRace when it was judged on a past state, Problem `host-taken` when another tenant holds a host
 */
export async function publish(
  ctx: Attempt,
  { head, next, changes, keys = [], placed = nowhere, message, restores, reply }: Publication,
): Promise<Published> {
  const { heads, fleets, feeds, store, sha256, metrics } = ctx.services;
  const { tenant } = head;
  if (changes.length === 0) {
    ctx.turn.leave();
    if (!(await heads.confirm(ctx.turn))) throw new LostRace();
    return { revision: head.revision, changed: false };
  }
  passed('checked', tenant);
  const known = await fleets.current(ctx.now);
  const commit: Commit = {
    tenant,
    tenantCreatedAt: head.born,
    revision: {
      number: next.revision,
      parent: head.revision,
      author: ctx.author,
      message: message ?? '',
      createdAt: ctx.now,
      contentHash: await next.contentHash(sha256),
      changes: changes.map(({ verb, kind, name }) => ({ verb, kind, name })),
      ...(restores !== undefined && { restores }),
    },
    head: { id: next.id, parent: head.id },
    puts: changes
      .filter((change): change is Put => change.verb === 'put')
      .map(({ kind, name, spec, json, info }) => ({
        kind,
        name,
        spec,
        ...(json !== undefined && { json }),
        ...(info && { info }),
      })),
    deletes: changes.filter(({ verb }) => verb === 'delete').map(({ kind, name }) => ({ kind, name })),
    keys: [...keys],
    ...(await concerned(known, head, next, changes)),
    fleetGeneration: known.generation,
    audit: await ctx.record('publish', `tenants/${tenant}/revisions/${next.revision}`, reply),
  };
  const outcome = await heads.write(ctx.turn, next, (inTurn) => store.commits.write({ ...commit, inTurn }));
  if (!outcome.ok) {
    if (outcome.conflict === 'host') throw hostTaken(outcome.hosts, { all: known.all, tenant, changes, placed });
    if (outcome.conflict === 'fleets') fleets.forget();
    throw new LostRace();
  }
  passed('committed', tenant);
  metrics.published();
  feeds.wake(
    outcome.seqs.map(({ fleet }) => fleet),
    commit,
  );
  return { revision: next.revision, changed: true };
}

/** The hosts that publishing would be refused for at this moment. */
export async function refusedHosts(
  ctx: Context,
  { head, next, changes, placed }: Pick<Publication, 'head' | 'next' | 'changes'> & { placed: Placement },
): Promise<ProblemViolation[]> {
  const { tenant } = head;
  const known = await ctx.services.fleets.current(ctx.now);
  const { claims } = await concerned(known, head, next, changes);
  const taken = claims.add.length === 0 ? [] : await ctx.store.commits.takenHosts(tenant, claims.add);
  return heldByOthers(taken, { all: known.all, tenant, changes, placed });
}

/** Hosts claimed and let go, and a feed row for each fleet that serves the tenant before or after. */
async function concerned(
  { all }: KnownFleets,
  head: Head,
  next: Head,
  changes: readonly Change[],
): Promise<Pick<Commit, 'claims' | 'feeds'>> {
  const { tenant } = head;
  const before = head.gateways();
  const servedBefore = fleetsOf(all, tenant, before);
  if (!changes.some(isSelected))
    return {
      claims: { add: [], remove: [] },
      feeds: servedBefore.map(({ name }) => ({ fleet: name, base: head.revision, leaves: false })),
    };
  const after = next.gateways();
  const servedAfter = fleetsOf(all, tenant, after);
  const pace = new Pace(before.length + after.length);
  const held = await inSlices(claiming(all, tenant, before), pace);
  const holds = await inSlices(claiming(all, tenant, after), pace);
  const feed = (fleet: Fleet, leaves: boolean) => ({
    fleet: fleet.name,
    base: servedBefore.includes(fleet) ? head.revision : 0,
    leaves,
  });
  return {
    claims: {
      add: [...holds].filter((host) => !held.has(host)),
      remove: [...hostsOf(before)].filter((host) => !holds.has(host)),
    },
    feeds: [
      ...servedAfter.map((fleet) => feed(fleet, false)),
      ...servedBefore.filter((fleet) => !servedAfter.includes(fleet)).map((fleet) => feed(fleet, true)),
    ],
  };
}
