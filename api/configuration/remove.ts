import { referrers } from '../../model/check/index.ts';
import type { Kind } from '../../model/kinds/index.ts';
import { enumerate } from '../../model/values/quote.ts';
import { resourceName } from '../../model/violations.ts';
import { requirePreconditions } from '../http/etag.ts';
import { absent, Problem, type ProblemViolation } from '../problem.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { nowhere, requireSound } from '../publishing/check.ts';
import { type Published, publish } from '../publishing/commit.ts';

/**
 * Removes one resource as a new revision.
 *
 * @throws Problem `not-found`, `precondition-failed`, `still-referenced` with each place that names it
 */
export async function remove(
  ctx: Attempt,
  { tenant, kind, name }: { tenant: string; kind: Kind; name: string },
): Promise<Published & { warnings: ProblemViolation[] }> {
  ctx.authorize('tenant:write', { tenant });
  const head = await ctx.turn.load();
  const current = head.etag(kind, name);
  if (current === undefined) throw absent(`${resourceName(kind, name)} in the tenant ${tenant}`);
  requirePreconditions(ctx.preconditions, current);

  const holders = referrers(head.configuration, kind, name);
  if (holders.length > 0)
    throw new Problem('still-referenced', {
      detail: `${resourceName(kind, name)} is used by ${enumerate([...new Set(holders.map(({ resource }) => resource))])}`,
      violations: holders.map(({ resource, path }) => ({
        resource,
        path,
        code: 'refers-to-it',
        message: `refers to ${resourceName(kind, name)}`,
      })),
    });
  const { next, effective } = await head.with([{ verb: 'delete', kind, name }], ctx.now, ctx.services.sha256);
  const warnings = await requireSound(ctx, { head, next, changes: effective, placed: nowhere });

  return { ...(await publish(ctx, { head, next, changes: effective })), warnings };
}
