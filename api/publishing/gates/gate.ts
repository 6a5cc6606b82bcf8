import type { Affected } from '../../../model/check/index.ts';
import type { Configuration } from '../../../model/configuration.ts';
import type { Context } from '../../context.ts';
import type { Pace } from '../../pace.ts';
import type { ProblemCode, ProblemViolation } from '../../problem.ts';
import type { Quotas } from '../../quotas.ts';
import type { KnownFleets } from '../../serving/directory.ts';
import type { CommitOutcome } from '../../store/commit.ts';
import type { Change, Head } from '../heads/head.ts';
import type { Others } from '../sharing/owners.ts';

/** A state of a tenant's configuration that a gate judges. */
export interface Candidate extends Others {
  readonly ctx: Context;
  /** The state to judge. It is the result of the change, or the head, to find out which errors the head already had. */
  readonly state: Head;
  /** The configuration of the state with the shared gateways of other tenants that its routes name. */
  readonly combined: Configuration;
  /** The head to which the change is applied. */
  readonly head: Head;
  /** The changes that lead from the head to the next head. */
  readonly changes: readonly Change[];
  /** The resources that the change can have made invalid. The gates judge only these. A missing member means all. */
  readonly scope: Partial<Affected>;
  /** Whether the change restores a revision, which was valid when it was written. */
  readonly isRestore: boolean;
  readonly fleets: KnownFleets;
  /** The limits of the tenant's plan. */
  readonly quotas: Quotas;
  /** Divides the work of all gates into slices, so that other requests run in between. */
  readonly pace: Pace;
}

/** The errors and warnings of a gate. Each path is a JSON pointer inside the spec of the resource of the violation. */
export interface Findings {
  readonly errors: readonly ProblemViolation[];
  readonly warnings: readonly ProblemViolation[];
  /** The code of the problem, if the errors reject the change. Default: the code of the gate. */
  readonly code?: ProblemCode;
  /** The `detail` of the problem, if the errors reject the change. */
  readonly detail?: string;
}

/** The outcome of a batch that the database refused because of a unique key or a guard. */
type Refusal = Extract<CommitOutcome, { ok: false }>;

/**
 * A rule that may reject a change. A dry run asks all gates that can reject a write, so it predicts the result of the
 * write.
 */
export interface Gate {
  /** The code of the problem that rejects the change. */
  readonly code: ProblemCode;
  /** Whether the gate judges the permissions of the caller instead of the configuration. Default: false. */
  readonly isAboutCaller?: boolean;
  /**
   * Judges one state. `judge.ts` also calls it for the head, to find out which errors are new. An error that the head
   * already has becomes a warning.
   */
  judge(candidate: Candidate): Findings | Promise<Findings>;
  /**
   * Present when the batch itself enforces the rule, by a unique key or a guard. A write then does not call `judge`
   * before the batch; only a dry run calls it, as a prediction.
   *
   * @returns the findings for the refused batch; undefined when the batch violated another rule
   */
  refused?(refusal: Refusal, candidate: Candidate): Findings | undefined;
}

/** The findings of a gate that found nothing. */
export const nothing: Findings = { errors: [], warnings: [] };
