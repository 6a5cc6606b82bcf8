import { type Operation, operation } from '../http/route.ts';
import { settled } from '../publishing/attempt.ts';
import { afterOutcome, outcomeReply } from '../status/answer.ts';
import { viewOf } from '../view.ts';
import { createRevision, listRevisions, readRevision } from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { read } from './read.ts';
import { Revision } from './schema.ts';

const view = viewOf(Revision);

/** The operations on the revisions of a tenant. */
export const revisionRoutes = (): Operation[] => [
  operation(
    createRevision,
    async (ctx, { params: { tenant }, query, body: { dryRun: inBody, ...body } }) => {
      const reply = outcomeReply(tenant);
      const dryRun = query.dryRun || inBody;
      return reply(await settled(ctx, { tenant, dryRun }, (at) => create(at, body, reply)));
    },
    afterOutcome,
  ),
  operation(listRevisions, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  operation(readRevision, async (ctx, { params }) => ({ status: 200, body: view(await read(ctx, params)) })),
];
