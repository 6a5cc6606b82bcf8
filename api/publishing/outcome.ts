import { type Difference, diffing } from '../../model/diff.ts';
import type { ReplyTo } from '../http/route.ts';
import { inSlices } from '../pace.ts';
import { listed, Problem, type ProblemViolation } from '../problem.ts';
import type { SealedKey } from '../store/keys.ts';
import type { Attempt } from './attempt.ts';
import { findings, type Placement } from './check.ts';
import { publish, refusedHosts } from './commit.ts';
import type { Change, Head } from './head.ts';
import { LostRace } from './heads.ts';

export interface Outcome {
  revision: number;
  changed: boolean;
  dryRun: boolean;
  errors: ProblemViolation[];
  moreErrors?: number;
  warnings: ProblemViolation[];
  moreWarnings?: number;
  diff: Difference[];
}

export interface Proposal {
  head: Head;
  changes: readonly Change[];
  keys?: readonly SealedKey[];
  /** Parts that have not the right shape; the rest is judged all the same, so that everything is said at once. */
  malformed?: readonly ProblemViolation[];
  /** How many such there are beside those. */
  more?: number;
  placed: Placement;
  message?: string | undefined;
  restores?: number | undefined;
  dryRun?: boolean | undefined;
  /** Of a request that may have an `Idempotency-Key`. */
  reply?: ReplyTo<Outcome>;
}

/**
 * Judges several changes as one and publishes them, or says what publishing would do: a dry run is this very code without the write.
 *
 * @throws Problem `invalid-request`, `invalid-configuration` (unless it is a dry run), and what `publish` throws
 */
export async function conclude(
  ctx: Attempt,
  { head, changes, keys, malformed = [], more = 0, placed, message, restores, dryRun = false, reply }: Proposal,
): Promise<Outcome> {
  const { next, effective } = await head.with(changes, ctx.now, ctx.services.sha256);
  const found = await findings(ctx, { head, next, placed });
  const errors = [...malformed, ...found.errors];
  const changed = effective.length > 0;
  const differences = await inSlices(diffing(head.configuration, next.configuration));
  const answer = { dryRun, ...listedWarnings(found.warnings), diff: differences };
  if (dryRun) {
    if (errors.length === 0) errors.push(...(await refusedHosts(ctx, { head, next, changes: effective, placed })));
    ctx.turn.leave();
    if (!(await ctx.services.heads.confirm(ctx.turn))) throw new LostRace();
    return { ...answer, ...listedErrors(errors, more), revision: changed ? next.revision : head.revision, changed };
  }
  if (malformed.length > 0) throw new Problem('invalid-request', { violations: errors, more });
  if (changed && errors.length > 0) throw new Problem('invalid-configuration', { violations: errors });
  const outcome: Outcome = { ...answer, errors: [], revision: changed ? next.revision : head.revision, changed };
  await publish(ctx, {
    ...{ head, next, changes: effective, placed, message, restores },
    ...(keys && { keys }),
    ...(reply && { reply: () => reply(outcome) }),
  });
  return outcome;
}

function listedErrors(all: readonly ProblemViolation[], more: number): Pick<Outcome, 'errors' | 'moreErrors'> {
  const errors = listed(all);
  const moreErrors = all.length - errors.length + more;
  return { errors, ...(moreErrors > 0 && { moreErrors }) };
}

function listedWarnings(all: readonly ProblemViolation[]): Pick<Outcome, 'warnings' | 'moreWarnings'> {
  const warnings = listed(all);
  const moreWarnings = all.length - warnings.length;
  return { warnings, ...(moreWarnings > 0 && { moreWarnings }) };
}
