import { longPoll } from '../feed/long-poll.ts';
import { Permission } from '../feed/permission.ts';
import { FeedStream } from '../feed/stream.ts';
import { type Operation, operation } from '../http/route.ts';
import { absent, Problem } from '../problem.ts';
import { afterFleetChange } from '../status/answer.ts';
import { report } from '../status/report.ts';
import { etag } from '../version.ts';
import {
  createFleet,
  deleteFleet,
  feed,
  listFleets,
  listNodes,
  patchFleet,
  readFleet,
  reportStatus,
} from './contract.ts';
import { type Created, create } from './create.ts';
import { list } from './list.ts';
import { nodes } from './nodes.ts';
import { patch } from './patch.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { fleetView, nodeView, stoppedView } from './view.ts';

/** Makes the reply to the creation of a fleet. */
const created = ({ fleet, ...stopped }: Created) => ({
  status: 201 as const,
  headers: { etag: etag(fleet.version), location: `/v1/fleets/${fleet.name}` },
  body: { ...fleetView(fleet), ...stoppedView(stopped) },
});

/** The operations under `/v1/fleets`: fleets, their nodes, the reports of agents, and the feed. */
export const fleetRoutes = (): Operation[] => [
  operation(
    createFleet,
    async (ctx, { query, body }) => created(await create(ctx, { ...query, ...body }, created)),
    afterFleetChange,
  ),
  operation(listFleets, async (ctx, { query }) => {
    const { items, next } = await list(ctx, query);
    return { status: 200, body: { items: items.map(fleetView), ...(next !== undefined && { next }) } };
  }),
  operation(readFleet, async (ctx, { params }) => {
    const fleet = await read(ctx, params);
    return { status: 200, headers: { etag: etag(fleet.version) }, body: fleetView(fleet) };
  }),
  operation(
    patchFleet,
    async (ctx, { params, query, body }) => {
      const { fleet, ...stopped } = await patch(ctx, { ...params, ...query, ...body });
      const headers = { etag: etag(fleet.version) };
      return { status: 200, headers, body: { ...fleetView(fleet), ...stoppedView(stopped) } };
    },
    afterFleetChange,
  ),
  operation(deleteFleet, async (ctx, { params, query }) => {
    const stopped = await remove(ctx, { ...params, ...query });
    return stopped.stoppedCount > 0 ? { status: 200, body: stoppedView(stopped) } : { status: 204 };
  }),
  operation(listNodes, async (ctx, { params }) => ({
    status: 200,
    body: { items: (await nodes(ctx, params)).map(nodeView) },
  })),
  operation(reportStatus, async (ctx, { params, body }) => {
    await report(ctx, { ...params, report: body });
    return { status: 204 };
  }),
  {
    // This operation writes its response itself, as a stream or as a page, instead of returning an object for JSON.
    contract: feed as unknown as Operation['contract'],
    handle: async (ctx, { params, query }, request) => {
      const name = String(params.fleet);
      const { after, wait = 0 } = query as { after?: number; wait?: number };
      const fleet = await ctx.store.fleets.find(name);
      if (!fleet) throw absent(`fleet ${name}`);
      const accept = request.headers.get('accept') ?? '*/*';
      const permission = () => new Permission(ctx.services, ctx.principal, request.headers.get('authorization'));
      if (accept.includes('application/x-ndjson'))
        return {
          status: 200,
          headers: { 'content-type': 'application/x-ndjson', 'x-accel-buffering': 'no' },
          raw: FeedStream.open(ctx.services, { fleet: name }, after, permission()),
        };
      if (!/application\/(json|\*)|\*\/\*/.test(accept))
        throw new Problem('not-acceptable', { detail: 'this path offers application/x-ndjson and application/json' });
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        raw: await longPoll(ctx.services, fleet, { after, wait, permission: permission() }),
      };
    },
  },
];
