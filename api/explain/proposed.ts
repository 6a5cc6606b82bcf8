import type { Configuration } from '../../model/configuration.ts';
import { kindIds, type Plural, pluralOf } from '../../model/kinds/index.ts';
import { pointer } from '../../model/values/pointer.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { findings } from '../publishing/check.ts';
import type { Change, Head } from '../publishing/head.ts';
import { propose } from '../publishing/propose.ts';

/**
 * A whole configuration from the body, read and judged as a PUT of it would be, and not written.
 *
 * @throws Problem `invalid-request`, `invalid-configuration`, both with pointers into the body
 */
export async function proposed(
  ctx: Context,
  head: Head,
  document: { [P in Plural]?: Record<string, unknown> | undefined },
): Promise<Configuration> {
  const written = kindIds.flatMap((kind) => {
    const plural = pluralOf(kind);
    return Object.entries(document[plural] ?? {}).map(([name, spec]) => ({
      kind,
      name,
      spec,
      at: pointer(['configuration', plural, name]),
    }));
  });
  const { changes, malformed, more, placed } = await propose(ctx, head, written);
  if (malformed.length > 0) throw new Problem('invalid-request', { violations: malformed, more });
  const gone = kindIds.flatMap((kind) => {
    const kept = document[pluralOf(kind)] ?? {};
    return head.configuration
      .names(kind)
      .flatMap((name): Change[] => (Object.hasOwn(kept, name) ? [] : [{ verb: 'delete', kind, name }]));
  });
  const { next } = await head.with([...gone, ...changes], ctx.now, ctx.services.sha256);
  const { errors } = await findings(ctx, { head, next, placed });
  if (errors.length > 0) throw new Problem('invalid-configuration', { violations: errors });
  return next.configuration;
}
