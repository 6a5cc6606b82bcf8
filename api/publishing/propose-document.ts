import { kindIds, type Plural, pluralOf } from '../../model/kinds/index.ts';
import { pointer } from '../../model/values/pointer.ts';
import type { Context } from '../context.ts';
import type { Change, Head } from './heads/head.ts';
import { type Proposed, propose } from './propose.ts';

/** A whole configuration as written: by plural and name, specs that were not read yet. */
export type WrittenDocument = { readonly [P in Plural]?: Record<string, unknown> | undefined };

/**
 * The changes that make a configuration what a document says.
 *
 * @param prune whether to delete what the document does not name
 * @param at JSON pointer to the document, as its members
 */
export async function proposeDocument(
  ctx: Context,
  head: Head,
  document: WrittenDocument,
  { prune, at = [] }: { prune: boolean; at?: readonly string[] },
): Promise<Proposed> {
  const written = kindIds.flatMap((kind) => {
    const plural = pluralOf(kind);
    return Object.entries(document[plural] ?? {}).map(([name, spec]) => ({
      kind,
      name,
      spec,
      at: pointer([...at, plural, name]),
    }));
  });
  const proposed = await propose(ctx, head, written);
  const gone = kindIds.flatMap((kind) => {
    const kept = document[pluralOf(kind)] ?? {};
    return head.configuration
      .names(kind)
      .flatMap((name): Change[] => (prune && !Object.hasOwn(kept, name) ? [{ verb: 'delete', kind, name }] : []));
  });
  return { ...proposed, changes: [...gone, ...proposed.changes] };
}
