import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import { settled } from '../publishing/attempt.ts';
import { afterOutcome, outcomeReply } from '../status/answer.ts';
import { apply } from './apply.ts';
import { document } from './document.ts';
import { applyConfiguration, readConfiguration, readRevisionConfiguration } from './document-contract.ts';

/** Makes the response with a whole configuration. */
const whole = async (ctx: Context, input: { tenant: string; revision?: number | undefined }) => {
  const { revision, etag, document: body } = await document(ctx, input);
  return { status: 200 as const, headers: { etag, 'gatehouse-revision': String(revision) }, body };
};

/** The operations on a whole configuration. */
export const documentRoutes = (): Operation[] => [
  operation(
    applyConfiguration,
    async (ctx, { params: { tenant }, query: { dryRun, ...query }, body }) =>
      outcomeReply(tenant)(await settled(ctx, { tenant, dryRun }, (at) => apply(at, { document: body, ...query }))),
    afterOutcome,
  ),
  operation(readConfiguration, (ctx, { params, query }) => whole(ctx, { ...params, revision: query.revision })),
  operation(readRevisionConfiguration, (ctx, { params }) => whole(ctx, params)),
];
