import type { Kind } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import { requirePreconditions } from '../http/etag.ts';
import { absent, Problem } from '../problem.ts';
import { accept, readSpec } from '../publishing/accept.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { only, requireSound } from '../publishing/check.ts';
import { publish } from '../publishing/commit.ts';
import { jsonOf } from '../publishing/head.ts';
import { mergePatch } from './merge-patch.ts';
import type { Written } from './put.ts';

/**
 * Changes parts of one resource by a JSON merge patch of its spec, as a new revision.
 *
 * @throws Problem `not-found`, `precondition-failed`, `invalid-request` when what the patch makes has not the right shape, `invalid-configuration`
 */
export async function patch(
  ctx: Attempt,
  { tenant, kind, name, merge }: { tenant: string; kind: Kind; name: string; merge: unknown },
): Promise<Written> {
  ctx.authorize('tenant:write', { tenant });
  const head = await ctx.turn.load();
  const current = head.get(kind, name);
  if (!current) throw absent(`${resourceName(kind, name)} in the tenant ${tenant}`);
  requirePreconditions(ctx.preconditions, head.etag(kind, name));

  const read = readSpec(kind, name, mergePatch(current.spec, merge), '');
  if ('violations' in read) throw new Problem('invalid-request', { violations: read.violations });
  const { change, keys } = await accept(ctx, head, kind, name, read.spec);
  const { next, effective } = await head.with([change], ctx.now, ctx.services.sha256);
  const placed = only(resourceName(kind, name));
  const warnings = await requireSound(ctx, { head, next, changes: [change], placed });

  const published = await publish(ctx, { head, next, changes: effective, keys, placed });
  return { ...published, resource: next.get(kind, name)!, json: jsonOf(effective), created: false, warnings };
}
