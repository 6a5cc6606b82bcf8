import { check, checkOnFleets, type Findings } from '../../model/check/index.ts';
import type { Context } from '../context.ts';
import { Problem, type ProblemViolation } from '../http/problem.ts';
import type { Change, Head } from './head.ts';

/** Where in the request body a resource's spec is: `routes/reviews` → `/changes/2/spec`; undefined when it is not part of it. */
export type Placement = (resource: string) => string | undefined;

/** Everything wrong or odd about a configuration, on the fleets there are; of its routes, about these. */
export async function findings(
  ctx: Context,
  next: Head,
  placed: Placement,
  routes?: readonly string[],
): Promise<{ errors: ProblemViolation[]; warnings: ProblemViolation[] }> {
  const { all } = await ctx.house.fleets.current(ctx.now);
  const own = check(next.configuration, routes);
  const onFleets = checkOnFleets(next.configuration, next.tenant, all);
  const both: Findings = {
    errors: [...own.errors, ...onFleets.errors],
    warnings: [...own.warnings, ...onFleets.warnings],
  };
  const place = (violation: Findings['errors'][number]): ProblemViolation => {
    const at = placed(violation.resource);
    return at === undefined ? violation : { ...violation, pointer: at + violation.path };
  };
  return { errors: both.errors.map(place), warnings: both.warnings.map(place) };
}

/**
 * @param changes what leads there from the head, which is sound
 * @throws Problem `invalid-configuration` with every violation
 */
export async function requireSound(
  ctx: Context,
  next: Head,
  changes: readonly Change[],
  placed: Placement,
): Promise<void> {
  const inRoutesAlone = changes.every(({ kind }) => kind === 'route');
  const { errors } = await findings(ctx, next, placed, inRoutesAlone ? changes.map(({ name }) => name) : undefined);
  if (errors.length > 0) throw new Problem('invalid-configuration', { violations: errors });
}

/** The body is the spec of this one resource. */
export const only =
  (resource: string): Placement =>
  (other) =>
    other === resource ? '' : undefined;

export const nowhere: Placement = () => undefined;
