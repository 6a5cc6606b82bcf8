import { type Difference, diffing } from '../../model/diff.ts';
import { closed } from '../access/open-tenant.ts';
import { inSlices } from '../pace.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { SealedKey } from '../store/keys.ts';
import type { Attempt } from './attempt.ts';
import { commit } from './commit.ts';
import type { Change, Head } from './heads/head.ts';
import { judge, type Subject } from './judge.ts';
import { nowhere, type Placement } from './placement.ts';
import { othersOf } from './sharing/owners.ts';

/** A change of a tenant's configuration, before the gates judge it. */
export interface Proposal {
  /** The head that `ctx.load()` returned. */
  readonly head: Head;
  readonly changes: readonly Change[];
  /** The sealed private keys of the certificates among the changes. */
  readonly keys?: readonly SealedKey[];
  /**
   * The violations in parts of the body that could not be parsed. The gates still judge the other parts, so that the
   * response reports all violations at once.
   */
  readonly malformed?: readonly ProblemViolation[];
  /** Warnings about parts of the body that the changes lack. Default: none. */
  readonly notes?: readonly ProblemViolation[];
  /** The number of violations beyond those in `malformed`. Default: 0. */
  readonly more?: number;
  /** Finds a spec in the body. Default: the body contains no spec. */
  readonly placed?: Placement;
  readonly subject: Subject;
  /** The reason for the change, for the history. */
  readonly message?: string | undefined;
  /** The revision whose state this restores. */
  readonly restores?: number | undefined;
  /** Makes the reply of a request with an `Idempotency-Key`. The batch of the revision stores this reply. */
  readonly reply?: ReplyTo<Publication>;
}

/** The result of a write, or of its dry run. */
export interface Publication {
  /** The revision that contains the change. For a dry run, the number of the revision that a write would create. */
  readonly revision: number;
  /** False when the head already equals the result of the change. The write then creates no revision. */
  readonly changed: boolean;
  /** The state that the change leads to. */
  readonly next: Head;
  /** The changes that had an effect. */
  readonly effective: readonly Change[];
  readonly warnings: ProblemViolation[];
  /** The changed fields, when the whole configuration is the subject. Otherwise empty. */
  readonly diff: Difference[];
  /** For a dry run: the problem with which a write would be rejected. */
  readonly rejection?: Problem;
  /** The violations of that problem. */
  readonly errors: ProblemViolation[];
  /** The number of violations beyond those in `errors`. */
  readonly more: number;
}

/**
 * Judges a change and publishes it as a revision. Every write of a configuration calls this function. A dry run runs
 * the same code, except for the batch.
 *
 * @example
 * const head = await ctx.load();
 * const changes = [{ verb: 'delete', kind: 'route', name: 'reviews' }] as const;
 * const { revision, warnings } = await publish(ctx, { head, changes, subject: 'changes' });
 *
 * @returns the result; a dry run returns the problem in `rejection`, where a write throws it
 * @throws Problem `invalid-request` when a part is malformed, and the problems of the gates (`gates/index.ts`)
 * @throws LostRace when the store has a newer head; `settled` then runs the verb again
 */
export async function publish(ctx: Attempt, proposal: Proposal): Promise<Publication> {
  const { head, changes, malformed = [], notes = [], more = 0, placed = nowhere, subject, reply } = proposal;
  requireOpen(head);
  const { next, effective } = await head.with(changes, ctx.now, ctx.services.sha256);
  const others = await othersOf(ctx.services.heads, head.configuration, next.configuration, effective);
  const judged = {
    head,
    next,
    changes,
    effective,
    others,
    fleets: await ctx.services.fleets.of(head.tenant, ctx.now),
    placed,
    subject,
    purpose: ctx.isDryRun ? 'dry run' : 'write',
    isRestore: proposal.restores !== undefined,
  } as const;
  const { rejection, errors: found, warnings: surprises } = await judge(ctx, judged);
  const warnings = [...notes, ...surprises];
  const errors = [...malformed, ...found];
  const problem = problemOf(malformed.length > 0 ? { code: 'invalid-request' as const } : rejection, errors, more);
  if (problem && !ctx.isDryRun) throw problem;
  const diff = subject === 'whole' ? await inSlices(diffing(head.configuration, next.configuration)) : [];
  const changed = effective.length > 0;
  const publication: Publication = {
    ...{ revision: changed ? next.revision : head.revision, changed, next, effective, warnings, diff, errors, more },
    ...(problem && { rejection: problem }),
  };
  if (ctx.isDryRun || !changed) {
    await ctx.confirm();
    return publication;
  }
  const { keys = [], message = '', restores } = proposal;
  await commit(ctx, judged, { keys, message, restores, reply: reply && (() => reply(publication)) });
  return publication;
}

/**
 * Checks that the tenant of a head is neither suspended nor deleted.
 *
 * @throws Problem `tenant-suspended`
 */
export function requireOpen({ tenant, isClosed }: Head): void {
  if (isClosed) throw closed(tenant);
}

/** Makes the problem that rejects a change. Returns undefined when there is no rejection. */
function problemOf(
  rejection: { code: Problem['code']; detail?: string } | undefined,
  violations: ProblemViolation[],
  more: number,
): Problem | undefined {
  if (rejection === undefined) return undefined;
  const { code, detail } = rejection;
  return new Problem(code, { violations, more, ...(detail !== undefined && { detail }) });
}
