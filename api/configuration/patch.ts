import type { Kind } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import { absent } from '../problem.ts';
import { accept, requireSpec } from '../publishing/accept.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { requirePreconditions } from '../version.ts';
import { mergePatch } from './merge-patch.ts';
import { type Written, write } from './write.ts';

/**
 * Changes parts of one resource by a JSON merge patch (RFC 7396) of its spec, as a new revision.
 *
 * @throws Problem `not-found`, `precondition-failed`
 * @throws Problem `invalid-request` when the patched spec does not match the schema of the kind
 * @throws the errors of `put`
 */
export async function patch(
  ctx: Attempt,
  { tenant, kind, name, merge }: { tenant: string; kind: Kind; name: string; merge: unknown },
): Promise<Written> {
  const head = await ctx.load();
  const current = head.get(kind, name);
  if (!current) throw absent(`${resourceName(kind, name)} in the tenant ${tenant}`);
  requirePreconditions(ctx.preconditions, head.etagOf(kind, name));

  const read = requireSpec(kind, name, mergePatch(current.spec, merge));
  return write(ctx, head, await accept(ctx, head, kind, name, read.spec), read.warnings);
}
