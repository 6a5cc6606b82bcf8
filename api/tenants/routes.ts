import { type Operation, operation } from '../http/route.ts';
import type { Tenant as Row } from '../store/tenants.ts';
import { etag } from '../version.ts';
import { viewOf } from '../view.ts';
import {
  createTenant,
  deleteTenant,
  listTenants,
  patchTenant,
  readTenant,
  restoreTenant,
  resumeTenant,
  suspendTenant,
} from './contract.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { Tenant } from './schema.ts';
import { restore, resume, suspend } from './state.ts';

const view = viewOf(Tenant);

const created = (tenant: Row) => ({
  status: 201 as const,
  headers: { etag: etag(tenant.version), location: `/v1/tenants/${tenant.name}` },
  body: view(tenant),
});

const current = (tenant: Row) => ({
  status: 200 as const,
  headers: { etag: etag(tenant.version) },
  body: view(tenant),
});

/** The operations on tenants. */
export const tenantRoutes = (): Operation[] => [
  operation(createTenant, async (ctx, { body }) => created(await create(ctx, body, created))),
  operation(listTenants, async (ctx, { query }) => {
    const { items, next } = await list(ctx, query);
    return { status: 200, body: { items: items.map(view), ...(next !== undefined && { next }) } };
  }),
  operation(readTenant, async (ctx, { params }) => {
    const tenant = await read(ctx, params);
    return { status: 200, headers: { etag: etag(tenant.version) }, body: view(tenant) };
  }),
  operation(patchTenant, async (ctx, { params, body }) => {
    const tenant = await patch(ctx, { ...params, ...body });
    return { status: 200, headers: { etag: etag(tenant.version) }, body: view(tenant) };
  }),
  operation(deleteTenant, async (ctx, { params }) => {
    const deleted = await remove(ctx, params);
    return deleted ? { ...current(deleted), status: 202 } : { status: 204 };
  }),
  operation(restoreTenant, async (ctx, { params }) => current(await restore(ctx, params))),
  operation(suspendTenant, async (ctx, { params, body }) => current(await suspend(ctx, { ...params, ...body }))),
  operation(resumeTenant, async (ctx, { params }) => current(await resume(ctx, params))),
];
