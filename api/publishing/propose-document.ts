import { kindIds, type Plural, pluralOf } from '../../model/kinds/index.ts';
import { pointer } from '../../model/values/pointer.ts';
import type { Context } from '../context.ts';
import type { Change, Head } from './heads/head.ts';
import { type Proposed, propose } from './propose.ts';

/** A whole configuration as the tenant wrote it. It maps plurals and names to specs that are not parsed yet. */
export type WrittenDocument = { readonly [P in Plural]?: Record<string, unknown> | undefined };

/**
 * Computes the changes that turn the head into the configuration of a document.
 *
 * @param document the configuration
 * @param prune whether to delete the resources that the document does not contain
 * @param at the place of the document in the request body, as the members of a JSON pointer
 * @returns the changes, and the violations of specs that could not be parsed
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
