import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import { absent } from '../problem.ts';
import { tenantChain } from '../store/audit.ts';
import type { AuditFilter } from '../store/audit-log.ts';
import { viewOf } from '../view.ts';
import { exportAudit, exportTenantAudit, listAudit, listTenantAudit } from './contract.ts';
import { exported } from './export.ts';
import { list } from './list.ts';
import { AuditEntry } from './schema.ts';

const view = viewOf(AuditEntry);

async function chainOf(ctx: Context, { tenant: name }: { tenant: string }): Promise<string> {
  const tenant = await ctx.store.tenants.find(name);
  if (!tenant) throw absent(`tenant ${name}`);
  return tenantChain(tenant);
}

const timed = <Q extends { since?: string | undefined; until?: string | undefined }>({
  since,
  until,
  ...query
}: Q) => ({
  ...query,
  ...(since !== undefined && { since: Date.parse(since) }),
  ...(until !== undefined && { until: Date.parse(until) }),
});

async function page(ctx: Context, chain: string | undefined, query: AuditFilter & { limit?: number | undefined }) {
  const { items, next } = await list(ctx, chain, query);
  return { status: 200 as const, body: { items: items.map(view), ...(next !== undefined && { next }) } };
}

const lines = (ctx: Context, chain: string | undefined, query: AuditFilter & { after?: number | undefined }) => ({
  status: 200 as const,
  headers: { 'content-type': 'application/x-ndjson' },
  raw: exported(ctx, chain, query, view) as ReadableStream<Uint8Array<ArrayBuffer>>,
});

/** The operations on the audit log. */
export const auditRoutes = (): Operation[] => [
  operation(listTenantAudit, async (ctx, { params, query }) => page(ctx, await chainOf(ctx, params), timed(query))),
  operation(exportTenantAudit, async (ctx, { params, query }) => lines(ctx, await chainOf(ctx, params), timed(query))),
  operation(listAudit, (ctx, { query: { chain, ...query } }) => page(ctx, chain, timed(query))),
  operation(exportAudit, async (ctx, { query: { chain, ...query } }) => lines(ctx, chain, timed(query))),
];
