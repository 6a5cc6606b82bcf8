import type { InputOf, Kind } from '../../model/kinds/index.ts';
import { accept, type ReadSpec } from '../publishing/accept.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { requirePreconditions } from '../version.ts';
import { type Written, write } from './write.ts';

/**
 * Creates or replaces one resource, as a new revision of the tenant's configuration.
 *
 * @param input `read` is the parsed spec
 * @throws Problem `precondition-failed` when `If-Match` or `If-None-Match` rejects the current version
 * @throws Problem `invalid-certificate`
 * @throws Problem and LostRace as `publish`
 */
export async function put(
  ctx: Attempt,
  { kind, name, read }: { kind: Kind; name: string; read: ReadSpec<InputOf<Kind>> },
): Promise<Written> {
  const head = await ctx.load();
  requirePreconditions(ctx.preconditions, head.etagOf(kind, name));
  return write(ctx, head, await accept(ctx, head, kind, name, read.spec), read.warnings);
}
