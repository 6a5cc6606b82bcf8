import { and, eq, gte, lt, lte, sql } from 'drizzle-orm';
import { parts } from './parts.ts';
import { one } from './prune-revisions.ts';
import { $, all, type Kit, prepare } from './query.ts';

const RECORD = ['chain', 'tenant', 'createdAt', 'floor'] as const;

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const { audit, auditEnd, tenant } = t;
  const old = db
    .select({ chain: audit.chain, number: audit.number })
    .from(audit)
    .where(lt(audit.at, $('before')))
    .orderBy(audit.at)
    .limit($('limit'))
    .as('old');
  const due = db
    .select({ chain: old.chain, top: sql<number>`max(${old.number})`.as('top') })
    .from(old)
    .groupBy(old.chain)
    .as('due');
  const young = db
    .select({ number: sql`min(${audit.number})` })
    .from(audit)
    .where(and(eq(audit.chain, due.chain), lte(audit.number, due.top), gte(audit.at, $('before'))));
  const records = x.records($('records'), RECORD);
  const column = (name: (typeof RECORD)[number]) => sql.raw(`records."${name}"`);
  const floor = sql`cast(${column('floor')} as bigint)`;
  const ofTenant = and(
    sql`${column('tenant')} = ${tenant.name}`,
    sql`cast(${column('createdAt')} as bigint) = ${tenant.createdAt}`,
  );
  const ofEnd = sql`${column('chain')} = ${auditEnd.chain}`;
  return {
    due: prepare(
      db.select({ chain: due.chain, floor: sql<number>`coalesce((${young}), ${due.top} + 1)`.as('floor') }).from(due),
    ),
    raiseTenants: prepare(
      db
        .update(tenant)
        .set({ auditOldest: sql`(select ${floor} from ${records} where ${ofTenant})` })
        .where(
          sql`${tenant.name} in (select ${column('tenant')} from ${records}) and exists (select 1 from ${records} where ${ofTenant})`,
        ),
    ),
    raiseEnds: prepare(
      db
        .update(auditEnd)
        .set({ oldest: sql`(select ${floor} from ${records} where ${ofEnd})` })
        .where(sql`${auditEnd.chain} in (select ${column('chain')} from ${records})`),
    ),
    remove: prepare(
      db
        .delete(audit)
        .where(
          sql`${audit.id} in (select ${audit.id} from ${records} join ${audit} on ${audit.chain} = ${column('chain')} and ${audit.number} < ${floor} where ${audit.chain} <> '')`,
        )
        .returning({ one }),
    ),
    removeUnchained: prepare(
      db
        .delete(audit)
        .where(
          sql`${audit.id} in (select ${audit.id} from ${audit} where ${lt(audit.at, $('before'))} and ${audit.chain} = '' order by ${audit.at} limit ${$('limit')})`,
        )
        .returning({ one }),
    ),
  };
}

/**
 * Returns a function that deletes about `limit` entries that were written before the time `before`, and returns whether
 * more may be due. Of each chain, it deletes only entries with lower numbers than all that it keeps. The number of the
 * first kept entry is stored with the end of the chain, so that doctor notices when others are missing.
 */
export function auditRetention(kit: Kit): (before: number, limit: number) => Promise<boolean> {
  const q = statements(kit);
  return async (before, limit) => {
    const due = await all(kit, q.due, { before, limit });
    const chained = due.map(({ chain, floor }) => {
      const [, tenant = '', createdAt = '0'] = /^tenant\/([^/]+)\/(\d+)$/.exec(chain) ?? [];
      return { chain, tenant, createdAt, floor: String(floor) };
    });
    let removed = 0;
    for (const records of parts(chained)) {
      const results = await kit.driver.batch([
        q.raiseTenants.with({ records }),
        q.raiseEnds.with({ records }),
        q.remove.with({ records }),
        q.removeUnchained.with({ before, limit }),
      ]);
      removed += results[2]!.length + results[3]!.length;
    }
    return removed >= limit;
  };
}
