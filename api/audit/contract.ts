import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { pageQuery, wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { AuditPage } from './schema.ts';

const tag = { name: 'Audit', description: 'The log of who did what, when and from where.' };
const text = (description: string, example: string) =>
  z.string().min(1).max(512).optional().openapi({ description, example });
const time = (description: string) => z.iso.datetime({ offset: true }).optional().openapi({ description });

const filters = {
  actor: text('Only entries of this actor.', 'token:0198c0de-0000-7000-8000-000000000000'),
  action: text('Only entries with this action.', 'publish'),
  target: text('Only entries about this object, or about objects below it.', 'tenants/bookinfo/tokens'),
  since: time('Only entries from this time on.'),
  until: time('Only entries before this time.'),
};
const chain = text('Only entries of this chain.', 'platform');
const after = wholeNumber(0, Number.MAX_SAFE_INTEGER, 'Only entries with higher numbers, in the log of one chain.');
const lines = { description: 'One entry per line, the oldest first.', contentType: 'application/x-ndjson' };
const pages = { description: 'One page of the log, the newest entry first.', body: AuditPage };
const Params = z.object({ tenant: Name });

export const listTenantAudit = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/audit',
  access: 'audit:read',
  operationId: 'listTenantAudit',
  tag,
  summary: "Read a tenant's audit log",
  params: Params,
  query: z.strictObject({ ...pageQuery, ...filters }),
  response: 'bulk',
  answers: { 200: pages },
});
export const exportTenantAudit = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/audit/export',
  access: 'audit:read',
  operationId: 'exportTenantAudit',
  tag,
  summary: "Export a tenant's audit log",
  params: Params,
  query: z.strictObject({ ...filters, after: after.optional() }),
  response: 'bulk',
  cost: 20,
  answers: { 200: lines },
});
export const listAudit = contract({
  method: 'get',
  path: '/v1/audit',
  access: 'platform:read',
  operationId: 'listAudit',
  tag,
  summary: 'Read the audit log of everything',
  query: z.strictObject({ ...pageQuery, ...filters, chain }),
  answers: { 200: pages },
});
export const exportAudit = contract({
  method: 'get',
  path: '/v1/audit/export',
  access: 'platform:read',
  operationId: 'exportAudit',
  tag,
  summary: 'Export the audit log of everything',
  query: z
    .strictObject({ ...filters, chain, after: after.optional() })
    .refine((query) => query.after === undefined || query.chain !== undefined, {
      path: ['after'],
      message: 'needs chain, because each chain has numbers of its own',
    }),
  answers: { 200: lines },
});
