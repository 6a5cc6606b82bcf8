import type { Attempt } from '../publishing/attempt.ts';
import { conclude, type Outcome } from '../publishing/outcome.ts';
import { proposeDocument, type WrittenDocument } from '../publishing/propose-document.ts';
import { requirePreconditions } from '../version.ts';

export interface ApplyInput {
  document: WrittenDocument;
  /** Whether to delete what the document does not name. */
  prune?: boolean | undefined;
  /** Why. */
  message?: string | undefined;
}

/**
 * Makes the whole configuration what the document says; without `prune`, keeps what the document does not name.
 *
 * @throws Problem `precondition-failed` (If-Match is about the head), and what `publish` throws
 */
export async function apply(ctx: Attempt, { document, prune = true, message }: ApplyInput): Promise<Outcome> {
  const head = await ctx.load();
  requirePreconditions(ctx.preconditions, head.revision);
  return conclude(ctx, { head, message, ...(await proposeDocument(ctx, head, document, { prune })) });
}
