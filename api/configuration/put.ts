import type { InputOf, Kind } from '../../model/kinds/index.ts';
import { accept } from '../publishing/accept.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { requirePreconditions } from '../version.ts';
import { type Written, write } from './write.ts';

/**
 * Creates or replaces one resource as a new revision of the tenant's configuration.
 *
 * @param input `spec` was parsed by the kind's input schema
 * @throws Problem `precondition-failed` when the ETag is stale, `invalid-certificate`, and what `publish` throws
 */
export async function put(
  ctx: Attempt,
  { kind, name, spec }: { kind: Kind; name: string; spec: InputOf<Kind> },
): Promise<Written> {
  const head = await ctx.load();
  requirePreconditions(ctx.preconditions, head.version(kind, name));
  return write(ctx, head, await accept(ctx, head, kind, name, spec));
}
