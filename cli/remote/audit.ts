import type { Schemas } from '../../openapi/client.ts';
import { UsageError } from '../process/failure.ts';
import { accepted, type Remote } from './client.ts';

/** The filters of the audit log, as the API names them. */
export interface AuditFilters {
  actor?: string;
  action?: string;
  target?: string;
  since?: string;
  until?: string;
  chain?: string;
}

/** The largest page of the API. */
const PAGE = 500;

/**
 * Reads the latest entries of the audit log, page by page.
 *
 * @param tenant absent for the log of everything
 * @param limit the most entries to read
 * @returns the entries, the latest first; `isPartial` when there may be more
 */
export async function readAudit(
  remote: Remote,
  tenant: string | undefined,
  filters: AuditFilters,
  limit: number,
): Promise<{ items: Schemas['AuditEntry'][]; isPartial: boolean }> {
  const { chain, ...others } = checked(tenant, filters);
  const items: Schemas['AuditEntry'][] = [];
  let cursor: string | undefined;
  do {
    const query = { ...others, limit: Math.min(PAGE, limit - items.length), ...(cursor && { cursor }) };
    const reply =
      tenant === undefined
        ? await remote.GET('/v1/audit', { params: { query: { ...query, ...(chain && { chain }) } } })
        : await remote.GET('/v1/tenants/{tenant}/audit', { params: { path: { tenant }, query } });
    const page = accepted('Reading the audit log', reply);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && items.length < limit);
  return { items, isPartial: cursor !== undefined };
}

/** Exports the audit log as JSON lines, the oldest entry first, as fast as the caller reads. */
export async function exportAudit(
  remote: Remote,
  tenant: string | undefined,
  filters: AuditFilters & { after?: number },
): Promise<ReadableStream<Uint8Array>> {
  const { chain, ...query } = checked(tenant, filters);
  const reply =
    tenant === undefined
      ? await remote.GET('/v1/audit/export', {
          params: { query: { ...query, ...(chain && { chain }) } },
          parseAs: 'stream',
        })
      : await remote.GET('/v1/tenants/{tenant}/audit/export', {
          params: { path: { tenant }, query },
          parseAs: 'stream',
        });
  return accepted('Exporting the audit log', reply) as ReadableStream<Uint8Array>;
}

/** Returns the filters alone: the options of a command have more members. */
function checked(tenant: string | undefined, options: AuditFilters & { after?: number }): typeof options {
  if (tenant !== undefined && options.chain !== undefined)
    throw new UsageError('--chain is for the log of everything; a tenant has one chain.');
  return Object.fromEntries(MEMBERS.map((member) => [member, options[member]]));
}

const MEMBERS = ['actor', 'action', 'target', 'since', 'until', 'chain', 'after'] as const;
