import { type Operation, operation } from '../http/route.ts';
import { deleteEndpoint, listEndpoints, putEndpoint, readEndpoint, readHealth, reportHealth } from './contract.ts';
import { health } from './health.ts';
import { list } from './list.ts';
import { put } from './put.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { reportOf } from './report.ts';
import { view } from './view.ts';

/** The operations on registered endpoints and on the health of endpoints. */
export const endpointRoutes = (): Operation[] => [
  operation(putEndpoint, async (ctx, { params, body }, { signal }) => {
    const { endpoint, created } = await put(ctx, body, params, signal);
    return created ? { status: 201, body: view(endpoint) } : { status: 200, body: view(endpoint) };
  }),
  operation(listEndpoints, async (ctx, { params, query }) => {
    const { items, next } = await list(ctx, { ...params, ...query });
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  operation(readEndpoint, async (ctx, { params }) => ({ status: 200, body: view(await read(ctx, params)) })),
  operation(deleteEndpoint, async (ctx, { params }, { signal }) => {
    await remove(ctx, params, signal);
    return { status: 204 };
  }),
  operation(readHealth, async (ctx, { params }) => ({ status: 200, body: { items: await health(ctx, params) } })),
  operation(reportHealth, async (ctx, { params, body }) => {
    await reportOf(ctx, params.fleet, body);
    return { status: 204 };
  }),
];
