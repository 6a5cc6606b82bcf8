import type { Affected } from '../../../model/check/index.ts';
import type { Context } from '../../context.ts';
import type { Pace } from '../../pace.ts';
import type { ProblemCode, ProblemViolation } from '../../problem.ts';
import type { KnownFleets } from '../../serving/directory.ts';
import type { CommitOutcome } from '../../store/commit.ts';
import type { Change, Head } from '../heads/head.ts';

/** A state of a tenant's configuration that a gate judges. */
export interface Candidate {
  readonly ctx: Context;
  /** The state to judge: what the change leads to; or the head, to find out what was wrong before the change. */
  readonly state: Head;
  /** The head that the change was made from. */
  readonly head: Head;
  /** What leads from the head to its successor. */
  readonly changes: readonly Change[];
  /** What the change can have made invalid or odd: only that is judged. An absent member means everything. */
  readonly scope: Partial<Affected>;
  readonly fleets: KnownFleets;
  /** Shared by all gates, so that other requests are answered in between. */
  readonly pace: Pace;
}

/** What a gate finds in a state. A path is a JSON pointer inside the spec of the violation's resource. */
export interface Findings {
  readonly errors: readonly ProblemViolation[];
  readonly warnings: readonly ProblemViolation[];
  /** The `detail` of the problem when the errors reject the change. */
  readonly detail?: string;
}

/** The outcome of a batch that was refused because a unique key or a guard was violated. */
type Refusal = Extract<CommitOutcome, { ok: false }>;

/**
 * One reason for which a change may be rejected. A dry run asks the same gates as a write, so it predicts the write's
 * result.
 */
export interface Gate {
  /** The code of the problem that rejects the change. */
  readonly code: ProblemCode;
  /** Whether it judges what the caller may do, instead of the configuration. Default: no. */
  readonly isAboutCaller?: boolean;
  /**
   * Judges one state. The engine judges the head too when it needs to know what is new: an error that the head already
   * has becomes a warning.
   */
  judge(candidate: Candidate): Findings | Promise<Findings>;
  /**
   * Present when the batch itself enforces the rule, by a unique key or a guard, so that a write need not ask
   * beforehand. `judge` then only predicts, for a dry run.
   *
   * @returns why the batch was refused; undefined when another rule refused it
   */
  refused?(refusal: Refusal, candidate: Candidate): Findings | undefined;
}

/** Nothing to report. */
export const nothing: Findings = { errors: [], warnings: [] };
