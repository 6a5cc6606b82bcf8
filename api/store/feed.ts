import { and, asc, eq, gt, inArray, isNull, ne, or, sql } from 'drizzle-orm';
import { $, all, first, type Kit, prepare } from './query.ts';

export interface FeedRow {
  seq: number;
  tenant: string;
  /** The revision of the event; 0 when the tenant was removed. */
  revision: number;
  base: number;
  leaves: boolean;
  createdAt: number;
  /** The upstreams whose registered endpoints may have changed. Absent when there are none. */
  upstreams?: string[];
  /** The names whose automatic certificates may have changed. Absent when there are none. */
  issued?: string[];
  /** Present when the tenant is suspended or deleted now. Absent in `ofRevision`. */
  isClosed?: true;
}

/** A feed row that one revision of a tenant wrote. */
interface RevisionRow extends FeedRow {
  fleet: string;
  /** Present when the fleet may have the row only because routes of the tenant name a parent of another tenant. */
  mayBeForParent?: true;
}

/** The feeds of all fleets. A commit writes one row per fleet. */
export interface Feed {
  /**
   * Reads the rows after the number `after`, in order. `tooOld` means that the reader needs a snapshot, because some of
   * these rows were pruned or the fleet was redefined. `head` is the last `seq` of the fleet. `drains` is the number of
   * times that a node of the fleet was drained or undrained.
   */
  read(
    fleet: string,
    after: number,
    limit: number,
  ): Promise<{ tooOld: boolean; head: number; drains: number; rows: FeedRow[] }>;
  /** Returns the `seq` up to which rows are pruned or belong to another database; 0 when the fleet does not exist. */
  floor(fleet: string): Promise<number>;
  /** Reads the feed rows that one revision of a tenant wrote, for its status. */
  ofRevision(tenant: string, revision: number): Promise<RevisionRow[]>;
  /**
   * Returns those of these tenants that were removed after the number `after` of the fleet's feed. What a reader at this
   * number knows about them does not concern later tenants of their names.
   */
  removedAfter(fleet: string, after: number, tenants: readonly string[]): Promise<Set<string>>;
}

function statements({ db, t, x }: Kit) {
  const columns = {
    seq: t.feed.seq,
    tenant: t.feed.tenant,
    revision: t.feed.revision,
    base: t.feed.base,
    leaves: t.feed.leaves,
    createdAt: t.feed.createdAt,
    upstreams: t.feed.upstreams,
    issued: t.feed.issued,
  };
  // A change of registered endpoints or automatic certificates has the head as its revision and as its base. No commit
  // has.
  const namesParents = sql`case when exists (select 1 from ${t.parentTenant} where ${eq(t.parentTenant.tenant, $('tenant'))}) then 1 else 0 end`;
  const isOfRevision = or(and(isNull(t.feed.upstreams), isNull(t.feed.issued)), ne(t.feed.base, t.feed.revision));
  return {
    after: prepare(
      db
        .select({
          ...columns,
          closedAt: sql<number | null>`coalesce(${t.tenant.suspendedAt}, ${t.tenant.deletedAt})`.as('closed_at'),
        })
        .from(t.feed)
        .leftJoin(t.tenant, eq(t.tenant.name, t.feed.tenant))
        .where(and(eq(t.feed.fleet, $('fleet')), gt(t.feed.seq, $('after'))))
        .orderBy(asc(t.feed.seq))
        .limit($('limit')),
    ),
    ends: prepare(
      db
        .select({ head: t.fleet.seq, floor: t.fleet.floor, drains: t.fleet.drains })
        .from(t.fleet)
        .where(eq(t.fleet.name, $('fleet'))),
    ),
    removed: prepare(
      db
        .selectDistinct({ tenant: t.feed.tenant })
        .from(t.feed)
        .where(
          and(
            ...[inArray(t.feed.tenant, sql`(select ${sql.raw('item')} from ${x.items($('tenants'))})`)],
            ...[eq(t.feed.revision, 0), eq(t.feed.leaves, 1), eq(t.feed.fleet, $('fleet')), gt(t.feed.seq, $('after'))],
          ),
        ),
    ),
    of: prepare(
      db
        .select({
          ...{ fleet: t.feed.fleet, ...columns },
          mayBeForParent: sql<number>`coalesce(${t.revision.namesParents}, ${namesParents})`.as('may_be_for_parent'),
        })
        .from(t.feed)
        .leftJoin(t.revision, and(eq(t.revision.tenant, t.feed.tenant), eq(t.revision.number, t.feed.revision)))
        .where(and(eq(t.feed.tenant, $('tenant')), eq(t.feed.revision, $('revision')), isOfRevision))
        .orderBy(asc(t.feed.fleet), asc(t.feed.seq)),
    ),
  };
}

type Raw = Omit<FeedRow, 'leaves' | 'upstreams' | 'issued' | 'isClosed'> & {
  leaves: number;
  upstreams: string | null;
  issued: string | null;
  closedAt?: number | null;
};

const read = <R extends Raw>({ leaves, upstreams, issued, closedAt = null, ...row }: R) => ({
  ...row,
  leaves: leaves === 1,
  ...(upstreams !== null && { upstreams: JSON.parse(upstreams) as string[] }),
  ...(issued !== null && { issued: JSON.parse(issued) as string[] }),
  ...(closedAt !== null && { isClosed: true as const }),
});

export function feed(kit: Kit): Feed {
  const q = statements(kit);
  return {
    async read(fleet, after, limit) {
      // The rows are read before the floor. If the floor is raised in between, the second query finds that, and the
      // rows are discarded.
      const rows = await all(kit, q.after, { fleet, after, limit });
      const ends = await first(kit, q.ends, { fleet });
      // A cursor above the head was issued by another database.
      const tooOld = ends === undefined || after < ends.floor || after > ends.head;
      return { tooOld, head: ends?.head ?? 0, drains: ends?.drains ?? 0, rows: tooOld ? [] : rows.map(read) };
    },

    async floor(fleet) {
      return (await first(kit, q.ends, { fleet }))?.floor ?? 0;
    },

    async removedAfter(fleet, after, tenants) {
      const rows = await all(kit, q.removed, { fleet, after, tenants: JSON.stringify(tenants) });
      return new Set(rows.map(({ tenant }) => tenant));
    },

    async ofRevision(tenant, revision) {
      const rows = await all(kit, q.of, { tenant, revision });
      return rows.map(({ mayBeForParent, ...row }) => ({
        ...read(row),
        ...(mayBeForParent === 1 && { mayBeForParent: true as const }),
      }));
    },
  };
}
