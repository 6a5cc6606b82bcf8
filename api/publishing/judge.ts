import { affectedBy } from '../../model/check/index.ts';
import type { Configuration } from '../../model/configuration.ts';
import { kindIds } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { Problem, type ProblemCode, type ProblemViolation } from '../problem.ts';
import { quotasOf } from '../quotas.ts';
import type { KnownFleets } from '../serving/directory.ts';
import type { Candidate, Findings, Gate } from './gates/gate.ts';
import { stages } from './gates/index.ts';
import type { Change, Head } from './heads/head.ts';
import type { Placement } from './placement.ts';
import { combinedWith, type Others } from './sharing/owners.ts';

/** The part of a configuration that the gates judge and report on. */
export type Subject =
  /**
   * The changed resources, and the violations and warnings that the changes cause in other resources. The cost depends
   * on the size of the change.
   */
  | 'changes'
  /** The whole configuration. The cost depends on its size. */
  | 'whole';

/** The result of all gates for one change. */
export interface Verdict {
  /** The code and the detail of the problem that rejects the change. Undefined when no gate found an error. */
  readonly rejection: { readonly code: ProblemCode; readonly detail?: string } | undefined;
  /** Violations that the change would introduce. */
  readonly errors: ProblemViolation[];
  /** Warnings. They include errors that the configuration already had before the change. */
  readonly warnings: ProblemViolation[];
}

/**
 * The purpose of the verdict decides which gates are asked. A write skips the gates whose rules its batch enforces; a
 * dry run asks them all. An explanation writes nothing, so it skips the gate that checks whether the caller may write.
 */
type Purpose = 'write' | 'dry run' | 'explanation';

/** A change, with the configuration before it (`head`) and after it (`next`). */
export interface Judged {
  readonly head: Head;
  readonly next: Head;
  /** All proposed changes. */
  readonly changes: readonly Change[];
  /** The proposed changes that differ from the head. */
  readonly effective: readonly Change[];
  /** The other tenants on whose configurations the change depends. */
  readonly others: Others;
  /** The fleets and plans with which the change is judged. The batch has a guard that they are the current ones. */
  readonly fleets: KnownFleets;
  /** Finds the place of a resource in the body of the request, for the pointers of violations. */
  readonly placed: Placement;
  readonly subject: Subject;
  readonly purpose: Purpose;
  /** Whether the change restores a revision. Default: false. */
  readonly isRestore?: boolean;
}

/** Whether a gate is asked, by purpose. */
const asks: Record<Purpose, (gate: Gate) => boolean> = {
  write: ({ refused }) => refused === undefined,
  'dry run': () => true,
  explanation: ({ isAboutCaller }) => !isAboutCaller,
};

/** Returns the stages with only those gates that are asked for a purpose. */
const asked = (purpose: Purpose) =>
  stages.map((stage) => stage.filter(asks[purpose])).filter(({ length }) => length > 0);

/** The stages of each purpose. */
const stagesOf: Record<Purpose, readonly (readonly Gate[])[]> = {
  write: asked('write'),
  'dry run': asked('dry run'),
  explanation: asked('explanation'),
};

/**
 * Asks the gates about a change, one stage after the other. It stops after a stage that finds a new error.
 *
 * An error that the head already has becomes a warning. Such an error exists when a fleet changed later, or when a
 * newer version of Gatehouse checks more strictly. It must not prevent the tenant from an unrelated change, or from
 * repairing several violations one by one.
 *
 * @param judged the change, with the configuration before and after it
 * @returns the errors and warnings, with pointers into the request body; an error rejects the change
 */
export async function judge(ctx: Context, judged: Judged): Promise<Verdict> {
  const candidate = candidateOf(ctx, judged);
  const before = () => ({ ...candidate, state: judged.head, combined: combinedOf(judged.head, candidate) });
  const asked: (readonly Gate[])[] = [];
  const warnings: ProblemViolation[] = [];
  for (const stage of stagesOf[judged.purpose]) {
    asked.push(stage);
    const found = await ask(stage, candidate);
    if (found.length === 0) continue;
    // The head is judged only if the change has errors. Nearly all changes have none.
    const isRejecting = found.some(({ errors }) => errors.length > 0);
    const known = new Set(
      isRejecting ? (await ask(stage, before())).flatMap(({ errors }) => errors.map(identity)) : [],
    );
    const isKnown = (error: ProblemViolation) => known.has(identity(error));
    const errors = found.flatMap((each) => each.errors);
    warnings.push(...errors.filter(isKnown), ...found.flatMap((each) => each.warnings));
    const introduced = errors.filter((error) => !isKnown(error));
    if (introduced.length === 0) continue;
    const { gate, code = gate.code, detail } = found.find((each) => each.errors.some((error) => !isKnown(error)))!;
    const rejection = { code, ...(detail !== undefined && { detail }) };
    return { rejection, errors: introduced.map(placing(judged)), warnings: warnings.map(placing(judged)) };
  }
  const isAll = judged.subject === 'whole' || warnings.length === 0;
  const reported = isAll ? warnings : await caused(warnings, judged, before(), asked);
  return { rejection: undefined, errors: [], warnings: reported.map(placing(judged)) };
}

/**
 * Makes the problem for a batch that the database refused.
 *
 * @param refusal the outcome of the batch
 * @returns the problem of the gate whose rule the batch violates; undefined when the batch was refused only because
 *   another writer was faster
 */
export async function refusedBy(
  ctx: Context,
  judged: Judged,
  refusal: Parameters<NonNullable<Gate['refused']>>[0],
): Promise<Problem | undefined> {
  const candidate = candidateOf(ctx, judged);
  for (const gate of stages.flat()) {
    const found = gate.refused?.(refusal, candidate);
    if (found)
      return new Problem(gate.code, {
        ...(found.detail !== undefined && { detail: found.detail }),
        violations: found.errors.map(placing(judged)),
      });
  }
  return undefined;
}

/** Makes the input of the gates. */
function candidateOf(
  ctx: Context,
  { head, next, changes, effective, subject, others, fleets, isRestore = false }: Judged,
): Candidate {
  const { configuration, amounts } = next;
  const quotas = quotasOf(ctx.services.settings, fleets.plans.get(head.plan));
  const pace = new Pace(kindIds.reduce((sum, kind) => sum + configuration.size(kind), amounts.gateway));
  const scope = subject === 'whole' ? {} : affectedBy(changes);
  const combined = combinedOf(next, others);
  return { ctx, state: next, combined, ...others, head, changes: effective, scope, fleets, quotas, pace, isRestore };
}

const combinedOf = ({ tenant, configuration }: Head, { owners }: Pick<Others, 'owners'>): Configuration =>
  combinedWith(owners, tenant, configuration);

/** Asks gates one after the other, and returns what was found by those that found something. */
async function ask(gates: readonly Gate[], candidate: Candidate): Promise<(Findings & { gate: Gate })[]> {
  const found: (Findings & { gate: Gate })[] = [];
  for (const gate of gates) {
    const judged = gate.judge(candidate);
    const findings = judged instanceof Promise ? await judged : judged;
    if (findings.errors.length + findings.warnings.length > 0) found.push({ ...findings, gate });
  }
  return found;
}

/**
 * Keeps the warnings about resources that the change writes, and the warnings about other resources that the head did
 * not have.
 *
 * @param before the head, as a candidate
 * @param asked the stages that were asked about the change
 */
async function caused(
  warnings: ProblemViolation[],
  { changes }: Judged,
  before: Candidate,
  asked: readonly (readonly Gate[])[],
): Promise<ProblemViolation[]> {
  const written = new Set(changes.map(({ kind, name }) => resourceName(kind, name)));
  const own = warnings.filter(({ resource }) => resource !== undefined && written.has(resource));
  // A change whose scope is a list of names affects no resources other than those that it writes.
  if (before.scope.names !== undefined || own.length === warnings.length) return own;
  const found = await ask(asked.flat(), before);
  const known = new Set(found.flatMap((each) => [...each.errors, ...each.warnings].map(identity)));
  return warnings.filter((warning) => own.includes(warning) || !known.has(identity(warning)));
}

/**
 * Returns a key by which a violation of the head and a violation after the change are compared. The key leaves out the
 * path: if the change shortens a list, the indexes of its other items change. The message names the value and the
 * fleet.
 */
const identity = ({ resource, code, message }: ProblemViolation): string => JSON.stringify([resource, code, message]);

/** Adds the pointer into the request body to a violation, if the body contains the resource. */
const placing =
  ({ placed }: Judged) =>
  (violation: ProblemViolation): ProblemViolation => {
    const at = violation.resource === undefined ? undefined : placed(violation.resource);
    return at === undefined ? violation : { ...violation, pointer: at + violation.path };
  };
