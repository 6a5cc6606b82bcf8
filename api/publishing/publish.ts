import { type Difference, diffing } from '../../model/diff.ts';
import { inSlices } from '../pace.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { SealedKey } from '../store/keys.ts';
import type { Attempt } from './attempt.ts';
import { commit } from './commit.ts';
import type { Change, Head } from './heads/head.ts';
import { judge, type Subject } from './judge.ts';
import { nowhere, type Placement } from './placement.ts';

/** A change of a tenant's configuration, before it is judged. */
export interface Proposal {
  /** What `ctx.load()` returned. */
  readonly head: Head;
  readonly changes: readonly Change[];
  /** Private keys of certificates among the changes. */
  readonly keys?: readonly SealedKey[];
  /** Parts of the body that have the wrong shape. The rest is judged all the same, to report everything at once. */
  readonly malformed?: readonly ProblemViolation[];
  /** Number of further ones. */
  readonly more?: number;
  /** Default: the body contains no spec. */
  readonly placed?: Placement;
  readonly subject: Subject;
  /** Why, for the history. */
  readonly message?: string | undefined;
  /** The revision whose state this restores. */
  readonly restores?: number | undefined;
  /** Stores the reply in the same batch, for a request with an `Idempotency-Key`. */
  readonly reply?: ReplyTo<Publication>;
}

/** What a write did, or what it would do. */
export interface Publication {
  /** The revision that contains the change; of a dry run, the one that it would make. */
  readonly revision: number;
  /** False when the configuration was already so: no revision was made, and `revision` is the head. */
  readonly changed: boolean;
  /** The state that the change leads to. */
  readonly next: Head;
  /** The changes that had an effect. */
  readonly effective: readonly Change[];
  readonly warnings: ProblemViolation[];
  /** Field by field, when the whole configuration is the subject; otherwise empty. */
  readonly diff: Difference[];
  /** Of a dry run: the problem that the write would be rejected with. */
  readonly rejection?: Problem;
  /** Every violation of that problem, and the number of further ones. */
  readonly errors: ProblemViolation[];
  readonly more: number;
}

/**
 * Judges a change and publishes it as a revision. Every write of a configuration goes through here. A dry run is the
 * same code without the batch.
 *
 * @example
 * const head = await ctx.load();
 * const changes = [{ verb: 'delete', kind: 'route', name: 'reviews' }] as const;
 * const { revision, warnings } = await publish(ctx, { head, changes, subject: 'changes' });
 *
 * @returns for a dry run with `rejection` instead of the throw
 * @throws Problem `invalid-request` when a part is malformed, and the problems of the gates (`gates/index.ts`)
 * @throws LostRace when the head is no longer the store's; `settled` then runs the verb again
 */
export async function publish(ctx: Attempt, proposal: Proposal): Promise<Publication> {
  const { head, changes, malformed = [], more = 0, placed = nowhere, subject, reply } = proposal;
  const { next, effective } = await head.with(changes, ctx.now, ctx.services.sha256);
  const judged = {
    head,
    next,
    changes,
    effective,
    placed,
    subject,
    purpose: ctx.isDryRun ? 'dry run' : 'write',
  } as const;
  const { rejection, errors: found, warnings } = await judge(ctx, judged);
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

function problemOf(
  rejection: { code: Problem['code']; detail?: string } | undefined,
  violations: ProblemViolation[],
  more: number,
): Problem | undefined {
  if (rejection === undefined) return undefined;
  const { code, detail } = rejection;
  return new Problem(code, { violations, more, ...(detail !== undefined && { detail }) });
}
