import { apply } from '../configuration/apply.ts';
import { document } from '../configuration/document.ts';
import type { Context } from '../context.ts';
import { etag } from '../http/etag.ts';
import { type AnyReply, type Binding, bind, type Finish } from '../http/route.ts';
import { settled } from '../publishing/attempt.ts';
import type { Outcome } from '../publishing/outcome.ts';
import { afterWrite } from '../status/answer.ts';
import { status } from '../status/status.ts';
import type { Revision } from '../store/revisions.ts';
import {
  applyConfiguration,
  createRevision,
  listRevisions,
  readConfiguration,
  readRevision,
  readRevisionConfiguration,
  readStatus,
} from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { read } from './read.ts';

const view = ({ tenant: _, createdAt, ...revision }: Revision) => ({
  ...revision,
  createdAt: new Date(createdAt).toISOString(),
});

const whole = async (ctx: Context, input: { tenant: string; revision?: number | undefined }) => {
  const { revision, document: body } = await document(ctx, input);
  return { status: 200 as const, headers: { etag: etag(revision), 'gatehouse-revision': String(revision) }, body };
};

export const revisionRoutes = (): Binding[] => [
  bind(
    createRevision,
    async (ctx, { params: { tenant }, body }) => {
      const reply = made(tenant);
      return reply(await settled(ctx, tenant, (at) => create(at, { tenant, ...body }, reply)));
    },
    waited,
  ),
  bind(
    applyConfiguration,
    async (ctx, { params: { tenant }, query, body }) =>
      made(tenant)(await settled(ctx, tenant, (at) => apply(at, { tenant, document: body, ...query }))),
    waited,
  ),
  bind(readConfiguration, (ctx, { params, query }) => whole(ctx, { ...params, revision: query.revision })),
  bind(listRevisions, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  bind(readRevision, async (ctx, { params }) => ({ status: 200, body: view(await read(ctx, params)) })),
  bind(readRevisionConfiguration, (ctx, { params }) => whole(ctx, params)),
  bind(readStatus, async (ctx, { params }, { signal }) => ({
    status: 200,
    body: await status(ctx, { ...params, signal }),
  })),
];

const made = (tenant: string) => (body: Outcome) => {
  if (body.dryRun) return { status: 200 as const, body };
  const headers = { 'gatehouse-revision': String(body.revision), etag: etag(body.revision) };
  if (!body.changed) return { status: 200 as const, headers, body };
  const location = `/v1/tenants/${tenant}/revisions/${body.revision}`;
  return { status: 201 as const, headers: { ...headers, location }, body };
};

/**
 * The wait is no part of the reply that is kept: a repeated request waits again for the revision that the first one
 * made.
 */
const waited: Finish = async (ctx, { params }, request, reply): Promise<AnyReply> => {
  const { 'gatehouse-revision': revision, location: _, ...rest } = reply.headers ?? {};
  if (revision === undefined) return reply;
  const { headers, state } = await afterWrite(ctx, request, String(params.tenant), Number(revision));
  return state === undefined
    ? reply
    : { status: state === 'live' ? 200 : 202, headers: { ...rest, ...headers }, body: reply.body };
};
