import { type Operation, operation } from '../http/route.ts';
import { afterFleetChange } from '../status/answer.ts';
import { etag } from '../version.ts';
import {
  createFleet,
  createTenantFleet,
  deleteFleet,
  listFleets,
  listNodes,
  listTenantFleets,
  patchFleet,
  patchNode as patchNodeContract,
  readFleet,
} from './contract.ts';
import { type Created, create } from './create.ts';
import { createOwn } from './create-own.ts';
import { list } from './list.ts';
import { listOwn } from './list-own.ts';
import { nodes } from './nodes.ts';
import { patch } from './patch.ts';
import { patchNode } from './patch-node.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { fleetView, nodeView, stoppedView } from './view.ts';

/** Makes the reply to the creation of a fleet. */
const created = ({ fleet, ...stopped }: Created) => ({
  status: 201 as const,
  headers: { etag: etag(fleet), location: `/v1/fleets/${fleet.name}` },
  body: { ...fleetView(fleet), ...stoppedView(stopped) },
});

/** The operations on fleets and on their nodes. */
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
    return { status: 200, headers: { etag: etag(fleet) }, body: fleetView(fleet) };
  }),
  operation(
    patchFleet,
    async (ctx, { params, query, body }) => {
      const { fleet, ...stopped } = await patch(ctx, { ...params, ...query, ...body });
      const headers = { etag: etag(fleet) };
      return { status: 200, headers, body: { ...fleetView(fleet), ...stoppedView(stopped) } };
    },
    afterFleetChange,
  ),
  operation(deleteFleet, async (ctx, { params, query }) => {
    const stopped = await remove(ctx, { ...params, ...query });
    return stopped.stoppedCount > 0 ? { status: 200, body: stoppedView(stopped) } : { status: 204 };
  }),
  operation(createTenantFleet, async (ctx, { params, query, body }) =>
    created(await createOwn(ctx, { ...params, ...query, ...body }, created)),
  ),
  operation(listTenantFleets, async (ctx, { params }) => ({
    status: 200,
    body: { items: (await listOwn(ctx, params)).map(fleetView) },
  })),
  operation(listNodes, async (ctx, { params, query }) => {
    const { items, next } = await nodes(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(nodeView), ...(next !== undefined && { next }) } };
  }),
  operation(patchNodeContract, async (ctx, { params, body }) => ({
    status: 200,
    body: nodeView(await patchNode(ctx, { ...params, ...body })),
  })),
];
