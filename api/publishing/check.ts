import {
  type Affected,
  affectedBy,
  checking,
  checkingOnFleets,
  type Findings,
  routesWithoutFleet,
} from '../../model/check/index.ts';
import type { Fleet } from '../../model/fleet.ts';
import { kindIds } from '../../model/kinds/index.ts';
import { resourceName, type Violation } from '../../model/violations.ts';
import type { Context } from '../context.ts';
import { inSlices, Pace } from '../pace.ts';
import { Problem, type ProblemViolation } from '../problem.ts';
import { tooManyEndpoints } from './gates/endpoint-quota.ts';
import { expiredCertificates } from './gates/expired-certificates.ts';
import { tooManyHosts } from './gates/host-quota.ts';
import type { Change, Head } from './head.ts';

/** Where in the request body a resource's spec is: `routes/reviews` → `/changes/2/spec`; undefined when it is not part of it. */
export type Placement = (resource: string) => string | undefined;

export interface Judged {
  /** Violations that the change would introduce: it is rejected. */
  errors: ProblemViolation[];
  /** Warnings, including violations that the configuration had before the change. */
  warnings: ProblemViolation[];
}

/**
 * All violations and warnings of a configuration on the current fleets, as far as the scope goes.
 *
 * A violation that the head already has becomes a warning. A later change of a fleet, or a stricter check, must not
 * stop its tenant from changing something else, or from repairing one violation of several.
 */
export async function findings(
  ctx: Context,
  { head, next, placed, scope = {} }: { head: Head; next: Head; placed: Placement; scope?: Partial<Affected> },
): Promise<Judged> {
  const { all } = await ctx.services.fleets.current(ctx.now);
  const { settings } = ctx.services;
  const excess = [...tooManyHosts(head, next, settings), ...tooManyEndpoints(head, next, settings)];
  // A configuration over the limit is not checked further: that is what would take long.
  const found = excess.length > 0 ? { errors: excess, warnings: [] } : await judge(next, all, scope);
  // Valid configurations, nearly all, are checked only once.
  const isJudgedAgain = found.errors.length > 0 && excess.length === 0;
  const old = new Set(isJudgedAgain ? (await judge(head, all, scope)).errors.map(identity) : []);
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
      // A change that affects only the written resources reports warnings of these only.
      ...(scope.names === undefined ? expiredCertificates(next.configuration, ctx.now) : []),
    ].map(place),
  };
}

async function judge(
  { configuration, tenant, amounts }: Head,
  fleets: readonly Fleet[],
  scope: Partial<Affected>,
): Promise<Findings> {
  const pace = new Pace(kindIds.reduce((sum, kind) => sum + configuration.size(kind), amounts.gateway));
  const own = await inSlices(checking(configuration, scope), pace);
  const onFleets = await inSlices(checkingOnFleets(configuration, tenant, fleets, scope.kinds), pace);
  const routes = scope.names?.route;
  const unserved = routes ? await inSlices(routesWithoutFleet(configuration, tenant, fleets, routes), pace) : [];
  return {
    errors: [...own.errors, ...onFleets.errors],
    warnings: [...own.warnings, ...onFleets.warnings, ...unserved],
  };
}

/**
 * Ignores the path: a list that the change shortened moves its other items. The message names the value and the fleet.
 */
const identity = ({ resource, code, message }: Pick<ProblemViolation, 'resource' | 'code' | 'message'>): string =>
  JSON.stringify([resource, code, message]);

/**
 * @param changes what leads from the head to the next
 * @returns what is odd about the resources that the changes write, and what they make odd about others
 * @throws Problem `invalid-configuration` with every violation that the changes make
 */
export async function requireSound(
  ctx: Context,
  { head, next, changes, placed }: { head: Head; next: Head; changes: readonly Change[]; placed: Placement },
): Promise<ProblemViolation[]> {
  const scope = affectedBy(changes);
  const { errors, warnings } = await findings(ctx, { head, next, placed, scope });
  if (errors.length > 0) throw new Problem('invalid-configuration', { violations: errors });
  if (warnings.length === 0) return [];
  const written = new Set(changes.map(({ kind, name }) => resourceName(kind, name)));
  const own = warnings.filter(({ resource }) => resource !== undefined && written.has(resource));
  // Such a change affects no other resources.
  if (scope.names !== undefined || own.length === warnings.length) return own;
  const { all } = await ctx.services.fleets.current(ctx.now);
  const before = await judge(head, all, scope);
  const expired = expiredCertificates(head.configuration, ctx.now);
  const old = new Set([...before.errors, ...before.warnings, ...expired].map(identity));
  return warnings.filter((warning) => own.includes(warning) || !old.has(identity(warning)));
}

/** The body is the spec of this one resource. */
export const only =
  (resource: string): Placement =>
  (other) =>
    other === resource ? '' : undefined;

export const nowhere: Placement = () => undefined;
