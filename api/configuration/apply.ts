import type { Attempt } from '../publishing/attempt.ts';
import { conclude, type Outcome } from '../publishing/outcome.ts';
import { proposeDocument, type WrittenDocument } from '../publishing/propose-document.ts';
import { requirePreconditions } from '../version.ts';

/** The body and the query of the request. */
export interface ApplyInput {
  document: WrittenDocument;
  /** Whether to delete resources that the document does not contain. Default: true. */
  prune?: boolean | undefined;
  /** The reason for the change. */
  message?: string | undefined;
}

/**
 * Makes the whole configuration of a tenant equal to a document. Without `prune`, resources that the document does not
 * contain remain.
 *
 * @throws Problem `precondition-failed` when `If-Match` does not match the head
 * @throws Problem and LostRace as `publish`
 */
export async function apply(ctx: Attempt, { document, prune = true, message }: ApplyInput): Promise<Outcome> {
  const head = await ctx.load();
  requirePreconditions(ctx.preconditions, head.etag);
  return conclude(ctx, { head, message, ...(await proposeDocument(ctx, head, document, { prune })) });
}
