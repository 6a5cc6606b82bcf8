import type { Configuration } from '../../model/configuration.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Head } from '../publishing/heads/head.ts';
import { judge } from '../publishing/judge.ts';
import { proposeDocument, type WrittenDocument } from '../publishing/propose-document.ts';
import { combinedWith, othersOf } from '../publishing/sharing/owners.ts';

/**
 * Parses and judges a whole configuration from the body, as a PUT of it would do, and does not store it.
 *
 * @param head the head of the tenant, with which the configuration is compared
 * @throws Problem `invalid-request` and the problems of the gates, with pointers into the body
 */
export async function proposed(ctx: Context, head: Head, document: WrittenDocument): Promise<Configuration> {
  const at = ['configuration'];
  const { changes, malformed, more, placed } = await proposeDocument(ctx, head, document, { prune: true, at });
  if (malformed.length > 0) throw new Problem('invalid-request', { violations: malformed, more });
  const { next, effective } = await head.with(changes, ctx.now, ctx.services.sha256);
  const others = await othersOf(ctx.services.heads, head.configuration, next.configuration, effective);
  const fleets = await ctx.services.fleets.of(head.tenant, ctx.now);
  const judged = {
    ...{ head, next, changes, effective, others, fleets, placed },
    ...({ subject: 'whole', purpose: 'explanation' } as const),
  };
  const { rejection, errors } = await judge(ctx, judged);
  if (rejection) throw new Problem(rejection.code, { violations: errors });
  return combinedWith(others.owners, next.tenant, next.configuration);
}
