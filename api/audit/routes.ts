import type { Context } from '../context.ts';
import { type Operation, operation } from '../http/route.ts';
import { absent } from '../problem.ts';
import { tenantChain } from '../store/audit.ts';
import type { AuditEntry as AuditEntryRow, AuditFilter } from '../store/audit-log.ts';
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

/** @param place the tenant or the chain to read; without both, the whole log */
async function page(
  ctx: Context,
  { tenant, chain }: { tenant?: string | undefined; chain?: string | undefined },
  query: AuditFilter & { limit?: number | undefined },
) {
  const { items, next } = await list(ctx, tenant === undefined ? chain : await chainOf(ctx, { tenant }), query);
  const actors = items.map(({ actor }) => actor);
  const names = await ctx.store.actorNames.of(['person', 'token'], tenant, actors);
  const named = (entry: AuditEntryRow) => {
    const actorName = names.get(entry.actor);
    return view({ ...entry, ...(actorName !== undefined && { actorName }) });
  };
  return { status: 200 as const, body: { items: items.map(named), ...(next !== undefined && { next }) } };
}

const lines = (ctx: Context, chain: string | undefined, query: AuditFilter & { after?: number | undefined }) => ({
  status: 200 as const,
  headers: { 'content-type': 'application/x-ndjson' },
  raw: exported(ctx, chain, query, view) as ReadableStream<Uint8Array<ArrayBuffer>>,
});

/** The operations on the audit log. */
export const auditRoutes = (): Operation[] => [
  operation(listTenantAudit, (ctx, { params, query }) => page(ctx, params, timed(query))),
  operation(exportTenantAudit, async (ctx, { params, query }) => lines(ctx, await chainOf(ctx, params), timed(query))),
  operation(listAudit, (ctx, { query: { chain, ...query } }) => page(ctx, { chain }, timed(query))),
  operation(exportAudit, async (ctx, { query: { chain, ...query } }) => lines(ctx, chain, timed(query))),
];
