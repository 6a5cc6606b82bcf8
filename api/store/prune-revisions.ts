/** The statements that delete superseded revisions. */
import { and, asc, desc, eq, exists, gt, lt, lte, type SQLWrapper, sql } from 'drizzle-orm';
import { contentSize } from './contents.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';

/** The result column of deletes. Only the number of rows matters. */
export const one = sql<number>`1`.as('one');

export function revisionStatements({ db, t }: Kit) {
  const { tenant, revision, resourceVersion: version, feed, rejection } = t;
  const named = eq(tenant.name, $('tenant'));
  const last = sql`${tenant.revision} - ${$int('keep')} + 1`;
  const of = (column: SQLWrapper) => sql`${column} = ${tenant.name}`;
  // Each row is a lower bound of the revisions to keep: the last revisions and the revisions since a time, but none
  // before the first that the tenant may keep; the bases of feed events; and the revisions with rejections. The first
  // revision to keep is the minimum.
  const target = sql`(select min(up_to) from (
    select max(up_to) as up_to from (
      select min(up_to) as up_to from (
        select ${last} as up_to
        union all select coalesce(max(${revision.number}), 0) from ${revision} where ${of(revision.tenant)} and ${revision.createdAt} <= ${$('since')}) as terms
      union all select ${$int('first')}) as wanted
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
        .where(
          and(
            eq(tenant.plan, $('plan')),
            gt(tenant.name, $('after')),
            exists(db.select({ one }).from(revision).where(old)),
          ),
        )
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

/**
 * What a version uses in addition to its content, in bytes: its row, its place in two indexes, its part of a revision.
 */
const OVERHEAD = 500;

/** Makes the statements that count and release what the revisions of a tenant store. */
export function storageStatements(kit: Kit) {
  const { db, t } = kit;
  const { tenant, resourceVersion: version, feed, rejection } = t;
  const ofTenant = eq(feed.tenant, $('tenant'));
  const firsts = sql`select ${feed.fleet}, min(${feed.seq}) from ${feed} where ${ofTenant} and ${feed.revision} >= ${$('revision')} and ${feed.leaves} = 0 group by ${feed.fleet}`;
  // A feed row is not needed when a later row of the tenant brings the whole configuration, or takes it away.
  const unneeded = sql`select ${feed.fleet}, ${feed.seq} from ${feed} where ${ofTenant} and ${feed.revision} < ${$('revision')}
    and exists (select 1 from ${feed} as later where later.tenant = ${$text('tenant')} and later.fleet = ${feed.fleet} and later.seq > ${feed.seq}
      and (later.leaves = 1 or later.revision >= ${$int('revision')})) limit ${$('limit')}`;
  return {
    head: prepare(
      db
        .select({ revision: tenant.revision })
        .from(tenant)
        .where(eq(tenant.name, $('tenant'))),
    ),
    written: prepare(
      db
        .select({
          revision: version.fromRevision,
          kind: version.kind,
          name: version.name,
          size: sql<number>`${contentSize(kit)} + octet_length(${version.labels}) + ${sql.raw(String(OVERHEAD))}`,
        })
        .from(version)
        .where(
          and(
            eq(version.tenant, $('tenant')),
            sql`(${version.fromRevision}, ${version.kind}, ${version.name}) < (${$int('revision')}, ${$text('kind')}, ${$text('name')})`,
          ),
        )
        .orderBy(desc(version.fromRevision), desc(version.kind), desc(version.name))
        .limit($('limit')),
    ),
    forgetRejections: prepare(
      db.delete(rejection).where(and(eq(rejection.tenant, $('tenant')), lt(rejection.revision, $('revision')))),
    ),
    wholeFirst: prepare(
      db
        .update(feed)
        .set({ base: 0 })
        .where(and(ofTenant, lt(feed.base, $('revision')), sql`(${feed.fleet}, ${feed.seq}) in (${firsts})`)),
    ),
    forgetEvents: prepare(db.delete(feed).where(sql`(${feed.fleet}, ${feed.seq}) in (${unneeded})`).returning({ one })),
  };
}
