import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import { quotasOf } from '../quotas.ts';
import type { Plan as Row } from '../store/plans.ts';
import { etag } from '../version.ts';
import { assign } from './assign.ts';
import { deletePlan, listPlans, putPlan, putTenantPlan, readPlan, readUsage } from './contract.ts';
import { list } from './list.ts';
import { put } from './put.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { usage } from './usage.ts';

/** Makes the view of a plan in responses. */
const view = ({ services: { settings } }: Context, { name, description, quotas, createdAt, version }: Row) => ({
  ...{ name, description, quotas, limits: quotasOf(settings, quotas) },
  ...(version > 0 && { createdAt: new Date(createdAt).toISOString() }),
});

/** The operations on plans, and on the limits of tenants. */
export const planRoutes = (): Operation[] => [
  operation(listPlans, async (ctx, { query }) => {
    const { items, next } = await list(ctx, query);
    return { status: 200, body: { items: items.map((plan) => view(ctx, plan)), ...(next !== undefined && { next }) } };
  }),
  operation(readPlan, async (ctx, { params }) => {
    const plan = await read(ctx, params);
    return { status: 200, headers: { etag: etag(plan) }, body: view(ctx, plan) };
  }),
  operation(putPlan, async (ctx, { params, body }) => {
    const { plan, created } = await put(ctx, { ...params, ...body });
    const headers = { etag: etag(plan) };
    if (!created) return { status: 200, headers, body: view(ctx, plan) };
    return { status: 201, headers: { ...headers, location: `/v1/plans/${plan.name}` }, body: view(ctx, plan) };
  }),
  operation(deletePlan, async (ctx, { params }) => {
    await remove(ctx, params);
    return { status: 204 };
  }),
  operation(putTenantPlan, async (ctx, { params, body }) => {
    await assign(ctx, { ...params, ...body });
    return { status: 200, body };
  }),
  operation(readUsage, async (ctx, { params }) => ({ status: 200, body: await usage(ctx, params) })),
];
