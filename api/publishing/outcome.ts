import type { Difference } from '../../model/diff.ts';
import { listed, type ProblemViolation } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Attempt } from './attempt.ts';
import { type Proposal, type Publication, publish } from './publish.ts';

/** What a write of several resources did, or what it would do. */
export interface Outcome {
  /** As in `Publication`. */
  revision: number;
  changed: boolean;
  dryRun: boolean;
  /** Of a dry run: the first violations that would reject the change. */
  errors: ProblemViolation[];
  moreErrors?: number;
  warnings: ProblemViolation[];
  moreWarnings?: number;
  diff: Difference[];
}

/**
 * Publishes several changes as one revision, judging the whole configuration, and reports every difference. A dry run
 * reports what would reject the changes instead of throwing it.
 *
 * @param reply makes the reply that is stored for an `Idempotency-Key`
 * @throws as `publish`
 */
export async function conclude(
  ctx: Attempt,
  proposal: Omit<Proposal, 'subject' | 'reply'>,
  reply?: ReplyTo<Outcome>,
): Promise<Outcome> {
  const outcomeOf = ({ revision, changed, diff, warnings, errors, more }: Publication): Outcome => ({
    ...{ revision, changed, dryRun: ctx.isDryRun, diff },
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
