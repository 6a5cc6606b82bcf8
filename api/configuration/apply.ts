import { kindIds, type Plural, pluralOf } from '../../model/kinds/index.ts';
import { pointer } from '../../model/values/pointer.ts';
import { etag, requirePreconditions } from '../http/etag.ts';
import type { Attempt } from '../publishing/attempt.ts';
import type { Change } from '../publishing/head.ts';
import { conclude, type Outcome } from '../publishing/outcome.ts';
import { propose } from '../publishing/propose.ts';

export interface ApplyInput {
  tenant: string;
  document: { [P in Plural]?: Record<string, unknown> | undefined };
  prune?: boolean | undefined;
  dryRun?: boolean | undefined;
  message?: string | undefined;
}

/**
 * Makes the whole configuration what the document says; without `prune`, keeps what it does not name.
 *
 * @throws Problem `precondition-failed` (If-Match is about the head), `invalid-request`, `invalid-configuration`, `host-taken`
 */
export async function apply(
  ctx: Attempt,
  { tenant, document, prune = true, dryRun, message }: ApplyInput,
): Promise<Outcome> {
  ctx.authorize('tenant:write', { tenant });
  const head = await ctx.turn.load();
  requirePreconditions(ctx.preconditions, etag(head.revision));

  const written = kindIds.flatMap((kind) => {
    const plural = pluralOf(kind);
    return Object.entries(document[plural] ?? {}).map(([name, spec]) => ({
      kind,
      name,
      spec,
      at: pointer([plural, name]),
    }));
  });
  const proposed = await propose(ctx, head, written);
  const gone = kindIds.flatMap((kind) => {
    const kept = document[pluralOf(kind)] ?? {};
    return head.configuration
      .names(kind)
      .flatMap((name): Change[] => (prune && !Object.hasOwn(kept, name) ? [{ verb: 'delete', kind, name }] : []));
  });
  return conclude(ctx, { head, ...proposed, changes: [...gone, ...proposed.changes], dryRun, message });
}
