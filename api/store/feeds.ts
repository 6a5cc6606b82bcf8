import { and, asc, eq, gt } from 'drizzle-orm';
import type { FeedRow, Store } from './port.ts';
import { $, all, first, type Kit, prepare } from './query.ts';

type Feeds = Pick<Store, 'feed' | 'feedFloor' | 'feedOf'>;

function statements({ db, t }: Kit) {
  const columns = {
    seq: t.feed.seq,
    tenant: t.feed.tenant,
    revision: t.feed.revision,
    base: t.feed.base,
    leaves: t.feed.leaves,
    createdAt: t.feed.createdAt,
  };
  return {
    after: prepare(
      db
        .select(columns)
        .from(t.feed)
        .where(and(eq(t.feed.fleet, $('fleet')), gt(t.feed.seq, $('after'))))
        .orderBy(asc(t.feed.seq))
        .limit($('limit')),
    ),
    ends: prepare(
      db
        .select({ head: t.fleet.seq, floor: t.fleet.floor })
        .from(t.fleet)
        .where(eq(t.fleet.name, $('fleet'))),
    ),
    of: prepare(
      db
        .select({ fleet: t.feed.fleet, ...columns })
        .from(t.feed)
        .where(and(eq(t.feed.tenant, $('tenant')), eq(t.feed.revision, $('revision'))))
        .orderBy(asc(t.feed.fleet), asc(t.feed.seq)),
    ),
  };
}

const read = <R extends Omit<FeedRow, 'leaves'> & { leaves: number }>(row: R) => ({ ...row, leaves: row.leaves === 1 });

export function feeds(kit: Kit): Feeds {
  const q = statements(kit);
  return {
    async feed(fleet, after, limit) {
      // Rows first: a floor raised in between is then seen, and the rows are thrown away.
      const rows = await all(kit, q.after, { fleet, after, limit });
      const ends = await first(kit, q.ends, { fleet });
      // A cursor above the head comes from another database.
      const tooOld = ends === undefined || after < ends.floor || after > ends.head;
      return { tooOld, head: ends?.head ?? 0, rows: tooOld ? [] : rows.map(read) };
    },

    async feedFloor(fleet) {
      return (await first(kit, q.ends, { fleet }))?.floor ?? 0;
    },

    async feedOf(tenant, revision) {
      return (await all(kit, q.of, { tenant, revision })).map(read);
    },
  };
}
