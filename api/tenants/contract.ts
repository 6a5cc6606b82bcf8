import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { listing } from '../http/listing.ts';
import { label, prefix } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { Suspension, Tenant, TenantCreate, TenantList, TenantPatch } from './schema.ts';

const Params = z.object({ tenant: Name });
const tag = { name: 'Tenants', description: 'Owners of configurations.' };

export const createTenant = contract({
  method: 'post',
  path: '/v1/tenants',
  access: 'tenant:create',
  operationId: 'createTenant',
  tag,
  summary: 'Create a tenant',
  description:
    'A person who creates a tenant becomes its owner. Names that look like names of the platform, such as `www` or `admin`, are reserved.',
  body: { schema: TenantCreate },
  headers: ['Idempotency-Key'],
  problems: ['name-taken', 'too-many-tenants'],
  answers: { 201: { description: 'The tenant was created.', body: Tenant, headers: ['ETag', 'Location'] } },
});
export const listTenants = listing({
  path: '/v1/tenants',
  access: 'operator',
  operationId: 'listTenants',
  tag,
  summary: 'List tenants',
  filters: { prefix, label },
  list: TenantList,
  sortedBy: 'name',
});
export const readTenant = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}',
  access: 'tenant:read',
  operationId: 'readTenant',
  tag,
  summary: 'Read a tenant',
  params: Params,
  answers: { 200: { description: 'The tenant.', body: Tenant, headers: ['ETag'] } },
});
export const patchTenant = contract({
  method: 'patch',
  path: '/v1/tenants/{tenant}',
  access: 'tenant:admin',
  operationId: 'patchTenant',
  tag,
  summary: 'Rename or relabel a tenant',
  params: Params,
  body: { schema: TenantPatch, types: ['application/merge-patch+json', 'application/json'] },
  headers: ['If-Match'],
  answers: { 200: { description: 'The tenant was changed.', body: Tenant, headers: ['ETag'] } },
});
export const deleteTenant = contract({
  method: 'delete',
  path: '/v1/tenants/{tenant}',
  access: 'tenant:delete',
  operationId: 'deleteTenant',
  tag,
  summary: 'Delete a tenant and everything that it owns',
  description:
    'The hosts of the tenant answer 503 at once. The tenant can be restored until the grace period ends, which the operator sets. Then everything that it owns is deleted, and others may use its hosts.',
  params: Params,
  headers: ['If-Match'],
  answers: {
    202: { description: 'The tenant will be deleted when the grace period ends.', body: Tenant, headers: ['ETag'] },
    204: { description: 'The tenant was deleted, because there is no grace period. Fleets no longer serve it.' },
  },
});
export const restoreTenant = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/restore',
  access: 'tenant:delete',
  operationId: 'restoreTenant',
  tag,
  summary: 'Undo the deletion of a tenant',
  params: Params,
  headers: ['If-Match'],
  answers: {
    200: { description: 'The tenant is not deleted. Fleets serve it again.', body: Tenant, headers: ['ETag'] },
  },
});
export const suspendTenant = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/suspend',
  access: 'operator',
  operationId: 'suspendTenant',
  tag,
  summary: 'Suspend a tenant',
  description:
    'All hosts of the tenant answer 503, and connections without HTTP are closed. Its members and tokens may read everything, end access, and delete the tenant; all other requests are rejected. Nothing is deleted.',
  params: Params,
  body: { schema: Suspension },
  headers: ['If-Match'],
  answers: { 200: { description: 'The tenant is suspended.', body: Tenant, headers: ['ETag'] } },
});
export const resumeTenant = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/resume',
  access: 'operator',
  operationId: 'resumeTenant',
  tag,
  summary: 'Resume a suspended tenant',
  params: Params,
  headers: ['If-Match'],
  answers: {
    200: { description: 'The tenant is not suspended. Fleets serve it again.', body: Tenant, headers: ['ETag'] },
  },
});
