import type { Context } from '../context.ts';
import { Pace } from '../pace.ts';
import { keyIn, sealed } from '../paging.ts';
import type { AuditEntry, AuditFilter } from '../store/audit-log.ts';

/** The number of parts of the log that one request reads. */
const MOST_PARTS = 10;

/**
 * Reads one page of the audit log, the newest entry first. If few entries match the filter, the page may have fewer
 * entries than requested although more follow.
 *
 * @param chain the chain to read; absent for the whole log
 */
export async function list(
  ctx: Context,
  chain: string | undefined,
  { limit = 100, cursor, ...filter }: AuditFilter & { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: AuditEntry[]; next?: string }> {
  const items: AuditEntry[] = [];
  let before = cursor === undefined ? undefined : Number(keyIn(cursor, /^\d{1,16}$/));
  const pace = new Pace();
  for (let part = 1; ; part++) {
    const place = { order: 'newest', ...(before !== undefined && { before }) } as const;
    const { entries, next } = await ctx.store.audit.read(chain, filter, place, limit - items.length);
    items.push(...entries);
    if (next === undefined) return { items };
    if (items.length === limit || part === MOST_PARTS) return { items, next: sealed(String(next)) };
    before = next;
    if (pace.isDue) await pace.rest();
  }
}
