import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import { settled } from '../publishing/attempt.ts';
import { afterOutcome, outcomeReply } from '../status/answer.ts';
import { type Stored, viewOf } from '../view.ts';
import { createRevision, listRevisions, readRevision } from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { read } from './read.ts';
import { Revision, type RevisionView } from './schema.ts';

const view = viewOf(Revision);

/** Shows revisions with the addresses of their authors. All members may read addresses, but not descriptions of tokens. */
async function shown({ store }: Context, tenant: string, revisions: readonly Stored<RevisionView>[]) {
  const authors = revisions.map(({ author }) => author);
  const names = await store.actorNames.of(['person'], tenant, authors);
  return revisions.map((revision) => {
    const authorName = names.get(revision.author);
    return view({ ...revision, ...(authorName !== undefined && { authorName }) });
  });
}

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
    return {
      status: 200,
      body: { items: await shown(ctx, params.tenant, items), ...(next !== undefined && { next }) },
    };
  }),
  operation(readRevision, async (ctx, { params }) => {
    const [body] = await shown(ctx, params.tenant, [await read(ctx, params)]);
    return { status: 200, body: body! };
  }),
];
