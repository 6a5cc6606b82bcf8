import { and, asc, eq, exists, gt, lt, lte, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { $, $int, all, first, type Kit, type Page, type Prepared, prepare } from './query.ts';

/** The rules by which superseded revisions are kept. A revision is kept while one of them applies. */
interface RevisionTerms {
  /** The number of the latest revisions to keep, including the head. At least 1. */
  keep: number;
  /** Keeps every revision that was the head at this time or later, in milliseconds since 1970. */
  since: number;
}

/**
 * The types of rows that are deleted after a period. The period begins when the row is written, or for a node with its
 * last report.
 */
export type Expiring = 'idempotency' | 'audit' | 'rejection' | 'node';

/**
 * Deletes rows whose retention period is over. Each call is a small batch, so that writers run in between. The call
 * returns whether more rows are due.
 */
export interface Retention {
  /**
   * Deletes at most `limit` rows of a feed that are older than its last `keep` rows. An agent whose cursor is older
   * gets a snapshot.
   *
   * @returns whether more rows are due
   */
  pruneFeed(fleet: string, keep: number, limit: number): Promise<boolean>;
  /**
   * Deletes at most `limit` rows of a feed that were written before the time `before`. It keeps the rows that a
   * connected node does not serve yet.
   */
  expireFeed(fleet: string, before: number, limit: number): Promise<boolean>;
  /** Lists the tenants that may have revisions to prune, sorted by name. */
  superseded(page: Page, terms: RevisionTerms): Promise<string[]>;
  /**
   * Deletes resource versions that only superseded revisions contain, and then the revisions. It never deletes the
   * head, or versions that feed events still need. A revision with rejections is kept as long as its rejections.
   */
  pruneRevisions(tenant: string, terms: RevisionTerms, limit: number): Promise<boolean>;
  /**
   * Deletes at most `limit` rows of a type that were written before the time `before`. Rejections of a head are kept at
   * any age.
   */
  expire(what: Expiring, before: number, limit: number): Promise<boolean>;
  /** Returns the space of deleted rows to the disk, if the database does not do that automatically. */
  tidy(): Promise<void>;
}

/** The result column of deletes. Only the number of rows matters. */
const one = sql<number>`1`.as('one');

function feed({ db, t }: Kit) {
  const named = eq(t.fleet.name, $('fleet'));
  const ofFleet = eq(t.feed.fleet, $('fleet'));
  const floor = db.select({ floor: t.fleet.floor }).from(t.fleet).where(named);
  const kept = sql`${t.fleet.seq} - ${$int('keep')}`;
  const next = sql`${t.fleet.floor} + ${$int('limit')}`;
  const connected = and(
    eq(t.node.fleet, t.fleet.name),
    eq(t.node.connected, 1),
    sql`${t.node.lastSeenAt} >= ${$('before')}`,
  );
  const passed = sql`(select coalesce(min(${t.node.live}), ${$int('upTo')}) from ${t.node} where ${connected})`;
  const target = sql`case when ${passed} < ${$int('upTo')} then ${passed} else ${$int('upTo')} end`;
  return {
    ends: prepare(db.select({ head: t.fleet.seq, floor: t.fleet.floor }).from(t.fleet).where(named)),
    oldest: prepare(
      db
        .select({ seq: t.feed.seq, createdAt: t.feed.createdAt })
        .from(t.feed)
        .where(ofFleet)
        .orderBy(asc(t.feed.seq))
        .limit($('limit')),
    ),
    keepLast: prepare(
      db
        .update(t.fleet)
        .set({ floor: sql`case when ${next} < ${kept} then ${next} else ${kept} end` })
        .where(and(named, sql`${t.fleet.floor} < ${kept}`)),
    ),
    raise: prepare(
      db
        .update(t.fleet)
        .set({ floor: target })
        .where(and(named, sql`${t.fleet.floor} < (${target})`)),
    ),
    forget: prepare(
      db
        .delete(t.feed)
        .where(and(ofFleet, lte(t.feed.seq, floor)))
        .returning({ one }),
    ),
  };
}

function revisions({ db, t }: Kit) {
  const { tenant, revision, resourceVersion: version, feed, rejection } = t;
  const named = eq(tenant.name, $('tenant'));
  const last = sql`${tenant.revision} - ${$int('keep')} + 1`;
  const of = (column: SQLWrapper) => sql`${column} = ${tenant.name}`;
  // Each row is a lower bound of the revisions to keep: the last revisions, the revisions since a time, the bases of
  // feed events, and the revisions with rejections. The first revision to keep is the minimum.
  const target = sql`(select min(up_to) from (
    select ${last} as up_to
    union all select coalesce(max(${revision.number}), 0) from ${revision} where ${of(revision.tenant)} and ${revision.createdAt} <= ${$('since')}
    union all select min(case when ${feed.base} > 0 then ${feed.base} else ${feed.revision} end) from ${feed} where ${of(feed.tenant)} and ${feed.leaves} = 0
    union all select min(${rejection.revision}) - 1 from ${rejection} where ${of(rejection.tenant)}) as bounds)`;
  const oldest = db.select({ oldest: tenant.oldest }).from(tenant).where(named);
  const gone = sql`select ${version.tenant}, ${version.fromRevision}, ${version.kind}, ${version.name} from ${version}
    where ${eq(version.tenant, $('tenant'))} and ${version.toRevision} <= (${oldest}) limit ${$('limit')}`;
  const unlisted = sql`select ${revision.number} from ${revision}
    where ${eq(revision.tenant, $('tenant'))} and ${revision.number} < (${oldest}) order by ${revision.number} limit ${$('limit')}`;
  const old = and(
    eq(revision.tenant, tenant.name),
    sql`${revision.number} < ${last}`,
    lte(revision.createdAt, $('since')),
  );
  return {
    superseded: prepare(
      db
        .select({ name: tenant.name })
        .from(tenant)
        .where(and(gt(tenant.name, $('after')), exists(db.select({ one }).from(revision).where(old))))
        .orderBy(asc(tenant.name))
        .limit($('limit')),
    ),
    raise: prepare(
      db
        .update(tenant)
        .set({ oldest: target })
        .where(and(named, sql`${tenant.oldest} < ${target}`)),
    ),
    versions: prepare(
      db
        .delete(version)
        .where(sql`(${version.tenant}, ${version.fromRevision}, ${version.kind}, ${version.name}) in (${gone})`)
        .returning({ one }),
    ),
    revisions: prepare(
      db
        .delete(revision)
        .where(and(eq(revision.tenant, $('tenant')), sql`${revision.number} in (${unlisted})`))
        .returning({ one }),
    ),
  };
}

function expiring({ db, t }: Kit): Record<Expiring, Prepared<unknown>> {
  const { idempotency, audit, rejection, node, tenant } = t;
  const limit = sql`limit ${$('limit')}`;
  const before = $('before');
  const isHead = and(eq(tenant.name, rejection.tenant), eq(tenant.revision, rejection.revision));
  const remove = (table: typeof audit | typeof idempotency | typeof rejection | typeof node, which: SQL) =>
    prepare(db.delete(table).where(which).returning({ one }));
  const { tenant: of, revision, fleet, node: by, resource, path } = rejection;
  const refused = sql`${of}, ${revision}, ${fleet}, ${by}, ${resource}, ${path}`;
  return {
    audit: remove(
      audit,
      sql`${audit.id} in (select ${audit.id} from ${audit} where ${lt(audit.at, before)} order by ${audit.at} ${limit})`,
    ),
    idempotency: remove(
      idempotency,
      sql`(${idempotency.owner}, ${idempotency.key}) in (select ${idempotency.owner}, ${idempotency.key} from ${idempotency} where ${lt(idempotency.createdAt, before)} ${limit})`,
    ),
    rejection: remove(
      rejection,
      sql`(${refused}) in (select ${refused} from ${rejection} where ${lt(rejection.at, before)} and not exists (select 1 from ${tenant} where ${isHead}) ${limit})`,
    ),
    node: remove(
      node,
      sql`(${node.fleet}, ${node.name}) in (select ${node.fleet}, ${node.name} from ${node} where ${lt(node.lastSeenAt, before)} ${limit})`,
    ),
  };
}

export function retention(kit: Kit): Retention {
  const { driver } = kit;
  const q = { feed: feed(kit), revisions: revisions(kit), expiring: expiring(kit) };
  const removed = async (...statements: Parameters<typeof driver.batch>[0]) =>
    (await driver.batch(statements)).at(-1)!.length;

  return {
    async pruneFeed(fleet, keep, limit) {
      // The batch raises the floor before it deletes rows. A reader in between then gets a snapshot instead of missing
      // the deleted rows.
      await driver.batch([q.feed.keepLast.with({ fleet, keep, limit }), q.feed.forget.with({ fleet })]);
      const ends = await first(kit, q.feed.ends, { fleet });
      return ends !== undefined && ends.head - ends.floor > keep;
    },

    async expireFeed(fleet, before, limit) {
      const rows = await all(kit, q.feed.oldest, { fleet, limit });
      const young = rows.findIndex(({ createdAt }) => createdAt >= before);
      const old = young < 0 ? rows : rows.slice(0, young);
      if (old.length === 0) return false;
      const upTo = old.at(-1)!.seq;
      const forgotten = await removed(q.feed.raise.with({ fleet, before, upTo }), q.feed.forget.with({ fleet }));
      return forgotten === limit;
    },

    async superseded({ limit, after = '' }, { keep, since }) {
      return (await all(kit, q.revisions.superseded, { limit, after, keep, since })).map(({ name }) => name);
    },

    async pruneRevisions(tenant, { keep, since }, limit) {
      const rows = { tenant, limit };
      // `oldest` is raised first, for the same reason: a reader of a revision checks `oldest` after its read, and so
      // notices that the revision was pruned meanwhile.
      const versions = await removed(q.revisions.raise.with({ tenant, keep, since }), q.revisions.versions.with(rows));
      if (versions === limit) return true;
      // The rows of revisions are deleted last, because `superseded` finds tenants by them.
      return (await removed(q.revisions.revisions.with(rows))) === limit;
    },

    async expire(what, before, limit) {
      return (await removed(q.expiring[what].with({ before, limit }))) === limit;
    },

    tidy: async () => driver.tidy?.(),
  };
}
