import { check, checkOnFleets, type Findings } from '../../model/check/index.ts';
import type { Fleet } from '../../model/fleet.ts';
import type { Violation } from '../../model/violations.ts';
import { expiredCertificates } from '../certificates/expired.ts';
import type { Context } from '../context.ts';
import { Problem, type ProblemViolation } from '../http/problem.ts';
import type { Change, Head } from './head.ts';

/** Where in the request body a resource's spec is: `routes/reviews` → `/changes/2/spec`; undefined when it is not part of it. */
export type Placement = (resource: string) => string | undefined;

export interface Judged {
  /** What the change would make wrong: it cannot be accepted. */
  errors: ProblemViolation[];
  /** What is odd about the configuration, and what was wrong with it before the change. */
  warnings: ProblemViolation[];
}

/**
 * Everything wrong or odd about a configuration, on the fleets there are; of its routes, about these.
 *
 * What a fleet changed afterwards or a stricter check finds in the head must not stop its tenant from changing something else, or from
 * repairing one fault of several: an error that the head has too is a warning.
 */
export async function findings(
  ctx: Context,
  { head, next, placed, routes }: { head: Head; next: Head; placed: Placement; routes?: readonly string[] | undefined },
): Promise<Judged> {
  const { all } = await ctx.house.fleets.current(ctx.now);
  const found = judge(next, all, routes);
  // Sound configurations, nearly all, are judged once.
  const old = new Set(found.errors.length > 0 ? judge(head, all, routes).errors.map(identity) : []);
  const isOld = (error: Violation) => old.has(identity(error));
  const place = (violation: Violation): ProblemViolation => {
    const at = placed(violation.resource);
    return at === undefined ? violation : { ...violation, pointer: at + violation.path };
  };
  return {
    errors: found.errors.filter((error) => !isOld(error)).map(place),
    warnings: [
      ...found.errors.filter(isOld),
      ...found.warnings,
      // A change of some routes is told of these routes.
      ...(routes === undefined ? expiredCertificates(next.configuration, ctx.now) : []),
    ].map(place),
  };
}

function judge({ configuration, tenant }: Head, fleets: readonly Fleet[], routes?: readonly string[]): Findings {
  const own = check(configuration, routes);
  const onFleets = checkOnFleets(configuration, tenant, fleets);
  return { errors: [...own.errors, ...onFleets.errors], warnings: [...own.warnings, ...onFleets.warnings] };
}

/** Without its place: a list that the change made shorter moves what stays. The message names the value and the fleet. */
const identity = ({ resource, code, message }: Violation): string => JSON.stringify([resource, code, message]);

/**
 * @param changes what leads from the head to the next
 * @throws Problem `invalid-configuration` with every violation that the changes make
 */
export async function requireSound(
  ctx: Context,
  { head, next, changes, placed }: { head: Head; next: Head; changes: readonly Change[]; placed: Placement },
): Promise<void> {
  const inRoutesAlone = changes.every(({ kind }) => kind === 'route');
  const routes = inRoutesAlone ? changes.map(({ name }) => name) : undefined;
  const { errors } = await findings(ctx, { head, next, placed, routes });
  if (errors.length > 0) throw new Problem('invalid-configuration', { violations: errors });
}

/** The body is the spec of this one resource. */
export const only =
  (resource: string): Placement =>
  (other) =>
    other === resource ? '' : undefined;

export const nowhere: Placement = () => undefined;
