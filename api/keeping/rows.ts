import { and, asc, eq, gt, isNull, lte, sql } from 'drizzle-orm';
import { $, type Kit, prepare } from '../store/query.ts';

/** What an examination reads, a page of tenants at a time. */
export function examined({ db, t }: Kit) {
  const { tenant, revision: r, resourceVersion: v, hostClaim, sealedKey, fleet, feed } = t;
  return {
    tenants: prepare(
      db
        .select({ name: tenant.name, revision: tenant.revision, oldest: tenant.oldest })
        .from(tenant)
        .where(gt(tenant.name, $('after')))
        .orderBy(asc(tenant.name))
        .limit($('limit')),
    ),
    revisions: prepare(
      db
        .select({ tenant: r.tenant, number: r.number, parent: r.parent, contentHash: r.contentHash })
        .from(r)
        .innerJoin(tenant, eq(tenant.name, r.tenant))
        .where(and(gt(r.tenant, $('after')), lte(r.tenant, $('until')), sql`${r.number} >= ${tenant.oldest}`))
        .orderBy(asc(r.tenant), asc(r.number)),
    ),
    versions: prepare(
      db
        .select({
          tenant: v.tenant,
          kind: v.kind,
          name: v.name,
          fromRevision: v.fromRevision,
          toRevision: v.toRevision,
          spec: v.spec,
          info: v.info,
        })
        .from(v)
        .where(and(gt(v.tenant, $('after')), lte(v.tenant, $('until'))))
        .orderBy(asc(v.tenant), asc(v.fromRevision)),
    ),
    claims: prepare(
      db
        .select({ tenant: hostClaim.tenant, host: hostClaim.host })
        .from(hostClaim)
        .where(and(gt(hostClaim.tenant, $('after')), lte(hostClaim.tenant, $('until')))),
    ),
    keys: prepare(
      db
        .select({ tenant: sealedKey.tenant, id: sealedKey.id })
        .from(sealedKey)
        .where(and(gt(sealedKey.tenant, $('after')), lte(sealedKey.tenant, $('until')))),
    ),
    claimsInOrder: prepare(
      db
        .select({ tenant: hostClaim.tenant, host: hostClaim.host, reversed: hostClaim.reversed })
        .from(hostClaim)
        .where(gt(hostClaim.reversed, $('after')))
        .orderBy(asc(hostClaim.reversed))
        .limit($('limit')),
    ),
    fleets: prepare(
      db.select({ name: fleet.name, seq: fleet.seq, floor: fleet.floor }).from(fleet).orderBy(asc(fleet.name)),
    ),
    told: prepare(
      db
        .select({ rows: sql<number>`count(*)`, last: sql<number | null>`max(${feed.seq})` })
        .from(feed)
        .where(and(eq(feed.fleet, $('fleet')), gt(feed.seq, $('floor')))),
    ),
    /** Tenants named in a table that are not there. */
    orphans: [v, r, sealedKey, hostClaim].map((table) =>
      prepare(
        db
          .selectDistinct({ name: table.tenant })
          .from(table)
          .leftJoin(tenant, eq(tenant.name, table.tenant))
          .where(isNull(tenant.name))
          .limit(100),
      ),
    ),
  };
}

export const ORPHANS_IN = ['resource_version', 'revision', 'sealed_key', 'host_claim'];
