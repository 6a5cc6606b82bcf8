import type { Context } from '../context.ts';
import { defaultHost } from '../domains/platform.ts';
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
import { purgeAtOf } from './purge-at.ts';
import { read } from './read.ts';
import { remove } from './remove.ts';
import { Tenant, type TenantView } from './schema.ts';
import { restore, resume, suspend } from './state.ts';

const shown = viewOf(Tenant);

/** Makes the view of a tenant, with its host on the domain of the platform, and the end of its grace period. */
function view({ services }: Context, tenant: Row): TenantView {
  const { platformDomain } = services.settings;
  return shown({
    ...tenant,
    ...purgeAtOf(services.settings, tenant),
    ...(platformDomain !== undefined && { defaultHost: defaultHost(tenant.name, platformDomain) }),
  });
}

const created = (ctx: Context) => (tenant: Row) => ({
  status: 201 as const,
  headers: { etag: etag(tenant), location: `/v1/tenants/${tenant.name}` },
  body: view(ctx, tenant),
});

const current = (ctx: Context, tenant: Row) => ({
  status: 200 as const,
  headers: { etag: etag(tenant) },
  body: view(ctx, tenant),
});

/** The operations on tenants. */
export const tenantRoutes = (): Operation[] => [
  operation(createTenant, async (ctx, { body }) => created(ctx)(await create(ctx, body, created(ctx)))),
  operation(listTenants, async (ctx, { query }) => {
    const { items, next } = await list(ctx, query);
    return {
      status: 200,
      body: { items: items.map((each) => view(ctx, each)), ...(next !== undefined && { next }) },
    };
  }),
  operation(readTenant, async (ctx, { params }) => current(ctx, await read(ctx, params))),
  operation(patchTenant, async (ctx, { params, body }) => current(ctx, await patch(ctx, { ...params, ...body }))),
  operation(deleteTenant, async (ctx, { params }) => {
    const deleted = await remove(ctx, params);
    return deleted ? { ...current(ctx, deleted), status: 202 } : { status: 204 };
  }),
  operation(restoreTenant, async (ctx, { params }) => current(ctx, await restore(ctx, params))),
  operation(suspendTenant, async (ctx, { params, body }) => current(ctx, await suspend(ctx, { ...params, ...body }))),
  operation(resumeTenant, async (ctx, { params }) => current(ctx, await resume(ctx, params))),
];
