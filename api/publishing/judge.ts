import { affectedBy } from '../../model/check/index.ts';
import { kindIds } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { Problem, type ProblemCode, type ProblemViolation } from '../problem.ts';
import type { Candidate, Findings, Gate } from './gates/gate.ts';
import { stages } from './gates/index.ts';
import type { Change, Head } from './heads/head.ts';
import type { Placement } from './placement.ts';

/** Which part of a configuration a write judges and reports on. */
export type Subject =
  /** What the changes write, and what they make wrong or odd elsewhere. The cost is that of the change. */
  | 'changes'
  /** The whole configuration. */
  | 'whole';

/** What the gates found about a change. */
export interface Verdict {
  /** The code and the detail of the problem that rejects the change; undefined when no gate found an error. */
  readonly rejection: { readonly code: ProblemCode; readonly detail?: string } | undefined;
  /** Violations that the change would introduce. */
  readonly errors: ProblemViolation[];
  /** Warnings, including violations that the configuration had before the change. */
  readonly warnings: ProblemViolation[];
}

/**
 * What the verdict is for. A write does not ask the gates that its batch enforces; a dry run does. An explanation writes
 * nothing, so it does not ask whether the caller may write.
 */
type Purpose = 'write' | 'dry run' | 'explanation';

/** A change, and the two states that it leads from and to. */
export interface Judged {
  readonly head: Head;
  readonly next: Head;
  /** The changes as proposed. */
  readonly changes: readonly Change[];
  /** Those of them that change anything. */
  readonly effective: readonly Change[];
  readonly placed: Placement;
  readonly subject: Subject;
  readonly purpose: Purpose;
}

const asks: Record<Purpose, (gate: Gate) => boolean> = {
  write: ({ refused }) => refused === undefined,
  'dry run': () => true,
  explanation: ({ isAboutCaller }) => !isAboutCaller,
};

const asked = (purpose: Purpose) =>
  stages.map((stage) => stage.filter(asks[purpose])).filter(({ length }) => length > 0);

const stagesOf: Record<Purpose, readonly (readonly Gate[])[]> = {
  write: asked('write'),
  'dry run': asked('dry run'),
  explanation: asked('explanation'),
};

/**
 * Asks every gate about a change, stage by stage, and stops after a stage with errors.
 *
 * A violation that the head already has becomes a warning: a later change of a fleet, or a stricter check, must not
 * stop its tenant from changing something else, or from repairing one violation of several.
 */
export async function judge(ctx: Context, judged: Judged): Promise<Verdict> {
  const candidate = await candidateOf(ctx, judged);
  const before = { ...candidate, state: judged.head };
  const asked: (readonly Gate[])[] = [];
  const warnings: ProblemViolation[] = [];
  for (const stage of stagesOf[judged.purpose]) {
    asked.push(stage);
    const found = await ask(stage, candidate);
    // Valid configurations, nearly all, are judged only once.
    const isRejecting = found.some(({ errors }) => errors.length > 0);
    const known = new Set(isRejecting ? (await ask(stage, before)).flatMap(({ errors }) => errors.map(identity)) : []);
    const isKnown = (error: ProblemViolation) => known.has(identity(error));
    const errors = found.flatMap((each) => each.errors);
    warnings.push(...errors.filter(isKnown), ...found.flatMap((each) => each.warnings));
    const introduced = errors.filter((error) => !isKnown(error));
    if (introduced.length === 0) continue;
    const { gate, detail } = found.find((each) => each.errors.some((error) => !isKnown(error)))!;
    const rejection = { code: gate.code, ...(detail !== undefined && { detail }) };
    return { rejection, errors: introduced.map(placing(judged)), warnings: warnings.map(placing(judged)) };
  }
  const reported = judged.subject === 'whole' ? warnings : await caused(warnings, judged, before, asked);
  return { rejection: undefined, errors: [], warnings: reported.map(placing(judged)) };
}

/**
 * The problem for a batch that the store refused by a rule of some gate; undefined when the batch was only too late.
 */
export async function refusedBy(
  ctx: Context,
  judged: Judged,
  refusal: Parameters<NonNullable<Gate['refused']>>[0],
): Promise<Problem | undefined> {
  const candidate = await candidateOf(ctx, judged);
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

async function candidateOf(ctx: Context, { head, next, changes, effective, subject }: Judged): Promise<Candidate> {
  const { configuration, amounts } = next;
  const fleets = await ctx.services.fleets.current(ctx.now);
  const pace = new Pace(kindIds.reduce((sum, kind) => sum + configuration.size(kind), amounts.gateway));
  const scope = subject === 'whole' ? {} : affectedBy(changes);
  return { ctx, state: next, head, changes: effective, scope, fleets, pace };
}

async function ask(gates: readonly Gate[], candidate: Candidate): Promise<(Findings & { gate: Gate })[]> {
  const found: (Findings & { gate: Gate })[] = [];
  for (const gate of gates) found.push({ ...(await gate.judge(candidate)), gate });
  return found;
}

/** Warnings about the resources that the changes write, and those that the changes introduce elsewhere. */
async function caused(
  warnings: ProblemViolation[],
  { changes }: Judged,
  before: Candidate,
  asked: readonly (readonly Gate[])[],
): Promise<ProblemViolation[]> {
  if (warnings.length === 0) return warnings;
  const written = new Set(changes.map(({ kind, name }) => resourceName(kind, name)));
  const own = warnings.filter(({ resource }) => resource !== undefined && written.has(resource));
  // Such a change affects no other resources.
  if (before.scope.names !== undefined || own.length === warnings.length) return own;
  const found = await ask(asked.flat(), before);
  const known = new Set(found.flatMap((each) => [...each.errors, ...each.warnings].map(identity)));
  return warnings.filter((warning) => own.includes(warning) || !known.has(identity(warning)));
}

/**
 * Ignores the path: a list that the change shortened moves its other items. The message names the value and the fleet.
 */
const identity = ({ resource, code, message }: ProblemViolation): string => JSON.stringify([resource, code, message]);

const placing =
  ({ placed }: Judged) =>
  (violation: ProblemViolation): ProblemViolation => {
    const at = violation.resource === undefined ? undefined : placed(violation.resource);
    return at === undefined ? violation : { ...violation, pointer: at + violation.path };
  };
