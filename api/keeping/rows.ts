import { and, asc, eq, gt, isNotNull, isNull, lte, sql } from 'drizzle-orm';
import { $, type Kit, prepare } from '../store/query.ts';

/** What an examination reads, a page of tenants at a time. */
export function examined({ db, t }: Kit) {
  const { tenant, revision: r, resourceVersion: v, hostClaim, sealedKey, fleet, feed, token } = t;
  return {
    tenants: prepare(
      db
        .select({
          name: tenant.name,
          revision: tenant.revision,
          oldest: tenant.oldest,
          createdAt: tenant.createdAt,
        })
        .from(tenant)
        .where(gt(tenant.name, $('after')))
        .orderBy(asc(tenant.name))
        .limit($('limit')),
    ),
    revisions: prepare(
      db
        .select({
          tenant: r.tenant,
          number: r.number,
          parent: r.parent,
          contentHash: r.contentHash,
          createdAt: r.createdAt,
          changes: r.changes,
        })
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
          labels: v.labels,
          updatedAt: v.updatedAt,
        })
        .from(v)
        .where(and(gt(v.tenant, $('after')), lte(v.tenant, $('until'))))
        .orderBy(asc(v.tenant), asc(v.fromRevision)),
    ),
    claims: prepare(
      db
        .select({ tenant: hostClaim.tenant, host: hostClaim.host, reversed: hostClaim.reversed })
        .from(hostClaim)
        .where(and(gt(hostClaim.tenant, $('after')), lte(hostClaim.tenant, $('until')))),
    ),
    keys: prepare(
      db
        .select({ tenant: sealedKey.tenant, id: sealedKey.id, keyId: sealedKey.keyId, sealed: sealedKey.sealed })
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
      db
        .select({
          name: fleet.name,
          labels: fleet.labels,
          ports: fleet.ports,
          denyDestinations: fleet.denyDestinations,
          tenant: fleet.tenant,
          createdAt: fleet.createdAt,
          version: fleet.version,
          seq: fleet.seq,
          floor: fleet.floor,
        })
        .from(fleet)
        .orderBy(asc(fleet.name)),
    ),
    ends: prepare(
      db
        .select({ seq: fleet.seq, floor: fleet.floor })
        .from(fleet)
        .where(eq(fleet.name, $('fleet'))),
    ),
    feed: prepare(
      db
        .select({ seq: feed.seq, tenant: feed.tenant, revision: feed.revision, base: feed.base, leaves: feed.leaves })
        .from(feed)
        .where(and(eq(feed.fleet, $('fleet')), gt(feed.seq, $('after'))))
        .orderBy(asc(feed.seq))
        .limit($('limit')),
    ),
    /** Rows of the feed about revisions that are not there yet. */
    early: prepare(
      db
        .select({ fleet: feed.fleet, tenant: feed.tenant, revision: feed.revision })
        .from(feed)
        .innerJoin(tenant, eq(tenant.name, feed.tenant))
        .where(gt(feed.revision, tenant.revision))
        .limit(100),
    ),
    tokens: prepare(
      db
        .select({ id: token.id, hash: token.hash, tenant: token.tenant, fleet: token.fleet, scopes: token.scopes })
        .from(token)
        .where(gt(token.id, $('after')))
        .orderBy(asc(token.id))
        .limit($('limit')),
    ),
    /** Tenants named in a table that are not there. */
    orphans: [v, r, sealedKey, hostClaim, feed, token].map((table) =>
      prepare(
        db
          .selectDistinct({ name: sql<string>`${table.tenant}`.as('name') })
          .from(table)
          .leftJoin(tenant, eq(tenant.name, table.tenant))
          // Of a tenant that was removed, the feed keeps the row that says so.
          .where(and(isNull(tenant.name), isNotNull(table.tenant), table === feed ? gt(feed.revision, 0) : undefined))
          .limit(100),
      ),
    ),
  };
}

export const ORPHANS_IN = ['resource_version', 'revision', 'sealed_key', 'host_claim', 'feed', 'token'];
