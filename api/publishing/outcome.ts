import type { Difference } from '../../model/diff.ts';
import { listed, type ProblemViolation } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Attempt } from './attempt.ts';
import { type Proposal, type Publication, publish } from './publish.ts';

/** The result of a write of several resources, or of its dry run. */
export interface Outcome {
  /** The number of the revision, as in `Publication`. */
  revision: number;
  /** The ETag of the configuration at that revision. The body of the response does not contain it. */
  etag: string;
  changed: boolean;
  dryRun: boolean;
  /** For a dry run: the first violations for which a write would be rejected. Otherwise empty. */
  errors: ProblemViolation[];
  moreErrors?: number;
  warnings: ProblemViolation[];
  moreWarnings?: number;
  diff: Difference[];
}

/**
 * Publishes several changes as one revision. The gates judge the whole configuration, and the result lists every
 * difference. A dry run returns the violations for which a write would be rejected, instead of throwing a problem.
 *
 * @param proposal the changes
 * @param reply makes the reply that the batch stores for a repeated request with the same `Idempotency-Key`
 * @throws Problem and LostRace as {@link publish}
 */
export async function conclude(
  ctx: Attempt,
  proposal: Omit<Proposal, 'subject' | 'reply'>,
  reply?: ReplyTo<Outcome>,
): Promise<Outcome> {
  const outcomeOf = ({ revision, changed, next, diff, warnings, errors, more }: Publication): Outcome => ({
    ...{ revision, etag: (changed ? next : proposal.head).etag, changed, dryRun: ctx.isDryRun, diff },
    ...listedErrors(errors, more),
    ...listedWarnings(warnings),
  });
  return outcomeOf(
    await publish(ctx, {
      ...proposal,
      subject: 'whole',
      ...(reply && { reply: (publication) => reply(outcomeOf(publication)) }),
    }),
  );
}

/** Shortens the list of errors to its maximum, and counts the rest. `more` is a number of further errors. */
function listedErrors(all: readonly ProblemViolation[], more: number): Pick<Outcome, 'errors' | 'moreErrors'> {
  const errors = listed(all);
  const moreErrors = all.length - errors.length + more;
  return { errors, ...(moreErrors > 0 && { moreErrors }) };
}

/** Shortens the list of warnings to its maximum, and counts the rest. */
function listedWarnings(all: readonly ProblemViolation[]): Pick<Outcome, 'warnings' | 'moreWarnings'> {
  const warnings = listed(all);
  const moreWarnings = all.length - warnings.length;
  return { warnings, ...(moreWarnings > 0 && { moreWarnings }) };
}
