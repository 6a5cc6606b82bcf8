import type { InputOf, Kind } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import { requirePreconditions } from '../http/etag.ts';
import type { ProblemViolation } from '../problem.ts';
import { accept } from '../publishing/accept.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { only, requireSound } from '../publishing/check.ts';
import { type Published, publish } from '../publishing/commit.ts';
import { jsonOf } from '../publishing/head.ts';
import type { StoredResource } from '../store/configuration.ts';

export interface Written extends Published {
  resource: StoredResource;
  /** Its spec as it is kept; undefined when nothing changed. */
  json: string | undefined;
  created: boolean;
  warnings: ProblemViolation[];
}

/**
 * Creates or replaces one resource as a new revision of the tenant's configuration.
 *
 * @throws Problem `precondition-failed` when the ETag is stale, `invalid-configuration` with every violation when the whole would not hold together
 */
export async function put(
  ctx: Attempt,
  { tenant, kind, name, spec }: { tenant: string; kind: Kind; name: string; spec: InputOf<Kind> },
): Promise<Written> {
  ctx.authorize('tenant:write', { tenant });
  const head = await ctx.turn.load();
  const current = head.etag(kind, name);
  requirePreconditions(ctx.preconditions, current);

  const { change, keys } = await accept(ctx, head, kind, name, spec);
  const { next, effective } = await head.with([change], ctx.now, ctx.services.sha256);
  const placed = only(resourceName(kind, name));
  const warnings = await requireSound(ctx, { head, next, changes: [change], placed });

  const published = await publish(ctx, { head, next, changes: effective, keys, placed });
  return {
    ...published,
    resource: next.get(kind, name)!,
    json: jsonOf(effective),
    created: current === undefined,
    warnings,
  };
}
