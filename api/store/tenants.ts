import { and, asc, eq, getTableColumns, gt, gte, inArray, isNull, lt, ne, or, sql } from 'drizzle-orm';
import type { TenantView } from '../tenants/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import { dependents } from './dependents.ts';
import { ownFleets } from './own-fleets.ts';
import {
  $,
  $int,
  $text,
  all,
  FLEETS_LOCK,
  first,
  guard,
  type Kit,
  locks,
  type Page,
  pageValues,
  parameters,
  prepare,
  tenantLock,
} from './query.ts';
import { deletedWith } from './tables/index.ts';
import { brokenGuard, violation } from './violation.ts';

export interface Tenant extends Stored<TenantView> {
  /** The id of the head. If two concurrent writers make a head with the same number, the ids differ. */
  head: string;
  /**
   * The version of the tenant object, from which the ETag `r<n>` is made. The store adds 1 at every `update`, but not
   * at a commit. The caller of `update` passes the version that it has read.
   */
  version: number;
  /**
   * The oldest revision that is kept. Earlier ones have been pruned. Only the store changes this number; writes ignore
   * it.
   */
  oldest: number;
}

/** Tenants. `update` does not change the plan. `update` and `remove` return false when `version` is stale or the tenant does not exist. */
export interface Tenants {
  /**
   * Creates a tenant.
   *
   * @param owner the person who gets the role `owner`, if a person creates it, and how many tenants the person may own
   */
  create(tenant: Tenant, audit: Audit, owner?: { person: string; most: number }): Promise<'created' | 'taken' | 'full'>;
  find(name: string): Promise<Tenant | undefined>;
  /** Lists tenants, sorted by name. */
  list(page: Page & { prefix?: string; label?: [string, string] }): Promise<Tenant[]>;
  update(tenant: Tenant, audit: Audit): Promise<boolean>;
  /**
   * Removes a tenant with everything that it owns. Adds a feed row with `leaves` for every fleet that could have served
   * it.
   */
  remove(name: string, version: number, audit: Audit): Promise<{ ok: boolean; seqs: { fleet: string; seq: number }[] }>;
  /** Lists tenants with a gateway, and those whose routes name other tenants, sorted by name. A snapshot reads its tenants in these pages. */
  listWithGateways(page: Page): Promise<{ name: string; revision: number }[]>;
}

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const named = eq(t.tenant.name, $('name'));
  const page = and(gt(t.tenant.name, $('after')), gte(t.tenant.name, $('from')), lt(t.tenant.name, $('until')));
  const isOwner = eq(t.member.role, sql`'owner'`);
  const labelled = x.hasMember(t.tenant.labels, $('labelKey'), $('labelValue'));
  const { auditNumber, auditPrevious, auditHash, auditOldest, ...columns } = getTableColumns(t.tenant);
  const list = () => db.select(columns).from(t.tenant).orderBy(asc(t.tenant.name)).limit($('limit'));
  const isGateway = and(
    eq(t.resourceVersion.tenant, t.tenant.name),
    eq(t.resourceVersion.kind, sql`'gateway'`),
    isNull(t.resourceVersion.toRevision),
  );

  const hasGateway = sql`exists (select 1 from ${t.resourceVersion} where ${isGateway})`;
  const hasParent = sql`exists (select 1 from ${t.parentTenant} where ${eq(t.parentTenant.tenant, t.tenant.name)})`;
  const hasOwner = sql`exists (select 1 from ${t.gatewayOwner} where ${eq(t.gatewayOwner.tenant, t.tenant.name)})`;
  const hasAttached = sql`exists (select 1 from ${t.attachedHost} where ${eq(t.attachedHost.tenant, t.tenant.name)})`;

  return {
    insert: prepare(
      db
        .insert(t.tenant)
        .values(parameters('name', 'displayName', 'labels', 'revision', 'head', 'createdAt', 'version', 'plan')),
    ),
    /** Guard: the person owns fewer tenants than allowed. */
    mayOwn: guard(
      kit,
      'quota',
      sql`(select count(*) from ${t.member} where ${and(eq(t.member.person, $('person')), isOwner)}) < ${$int('most')}`,
    ),
    own: prepare(db.insert(t.member).values(parameters('tenant', 'person', 'role', 'createdAt'))),
    get: prepare(db.select(columns).from(t.tenant).where(named)),
    list: prepare(list().where(page)),
    listLabelled: prepare(list().where(and(page, labelled))),
    current: guard(
      kit,
      'version',
      sql`exists (select 1 from ${t.tenant} where ${and(named, eq(t.tenant.version, $('version')))})`,
    ),
    update: prepare(
      db
        .update(t.tenant)
        .set({
          displayName: sql`${$('displayName')}`,
          labels: sql`${$('labels')}`,
          version: sql`${t.tenant.version} + 1`,
        })
        .where(named),
    ),
    withGateways: prepare(
      db
        .select({ name: t.tenant.name, revision: t.tenant.revision })
        .from(t.tenant)
        .where(and(gt(t.tenant.name, $('after')), or(hasGateway, hasOwner, hasAttached, hasParent)))
        .orderBy(asc(t.tenant.name))
        .limit($('limit')),
    ),
  };
}

/** Makes the statements that remove a tenant and notify its fleets. */
function removal(kit: Kit) {
  const { db, t } = kit;
  const served = or(isNull(t.fleet.tenant), eq(t.fleet.tenant, $('name')));
  const { naming, delegatedBy } = dependents(kit);
  const attached = naming(sql`${$('name')}`);
  // The tenants that a fleet may have served only because of the removed one.
  const dependent = and(
    ne(t.tenant.name, $('name')),
    or(
      inArray(t.tenant.name, attached),
      delegatedBy((parent) => eq(parent, $('name'))),
      delegatedBy((parent) => inArray(parent, attached)),
    ),
  );
  return {
    refresh: prepare(
      db.insert(t.feed).select(
        db
          .select({
            fleet: t.fleet.name,
            seq: sql<number>`${t.fleet.seq} + row_number() over (partition by ${t.fleet.name} order by ${t.tenant.name})`.as(
              'seq',
            ),
            tenant: t.tenant.name,
            revision: t.tenant.revision,
            base: sql<number>`0`.as('base'),
            leaves: sql<number>`0`.as('leaves'),
            createdAt: $int('at').as('created_at'),
            upstreams: sql<string | null>`null`.as('upstreams'),
            issued: sql<string | null>`null`.as('issued'),
          })
          .from(t.fleet)
          .crossJoin(t.tenant)
          .where(and(isNull(t.fleet.tenant), dependent)),
      ),
    ),
    advanceAll: prepare(
      db
        .update(t.fleet)
        .set({ seq: sql`${t.fleet.seq} + (select count(*) from ${t.tenant} where ${dependent})` })
        .where(isNull(t.fleet.tenant)),
    ),
    rows: deletedWith(t, 'tenant').map((table) => prepare(db.delete(table).where(eq(table.tenant, $('name'))))),
    tenant: prepare(db.delete(t.tenant).where(eq(t.tenant.name, $('name')))),
    // The removal notifies every fleet that could have served the tenant. A fleet that was redefined may serve the
    // tenant although its feed has no row of the tenant.
    advance: prepare(
      db
        .update(t.fleet)
        .set({ seq: sql`${t.fleet.seq} + 1` })
        .where(served),
    ),
    leave: prepare(
      db
        .insert(t.feed)
        .select(
          db
            .select({
              fleet: t.fleet.name,
              seq: t.fleet.seq,
              tenant: $text('name').as('tenant'),
              // The revision is 0, because the revisions of a later tenant with this name start at 1.
              revision: sql<number>`0`.as('revision'),
              base: sql<number>`0`.as('base'),
              leaves: sql<number>`1`.as('leaves'),
              createdAt: $int('at').as('created_at'),
              upstreams: sql<string | null>`null`.as('upstreams'),
              issued: sql<string | null>`null`.as('issued'),
            })
            .from(t.fleet)
            .where(served),
        )
        .returning({ fleet: t.feed.fleet, seq: t.feed.seq }),
    ),
  };
}

export function tenants(kit: Kit): Tenants {
  const { driver } = kit;
  const q = statements(kit);
  const remove = removal(kit);
  const removeOwnFleets = ownFleets(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const read = (row: Omit<Tenant, 'labels'> & { labels: string }): Tenant => ({
    ...row,
    labels: JSON.parse(row.labels),
  });

  return {
    async create(tenant, by, owner) {
      const { name, displayName, revision, head, createdAt, version, plan } = tenant;
      const row = {
        name,
        displayName,
        revision,
        head,
        createdAt,
        version,
        plan,
        labels: JSON.stringify(tenant.labels),
      };
      const alone = [tenantLock(name), ...(owner ? [`person/${owner.person}`] : [])];
      const before = owner ? [q.mayOwn.with({ ...owner })] : [];
      const after = owner ? [q.own.with({ tenant: name, person: owner.person, role: 'owner', createdAt })] : [];
      try {
        await driver.batch([...hold({ alone }), ...before, q.insert.with(row), ...after, ...audit(by)]);
        return 'created';
      } catch (error) {
        const found = violation(error);
        if (found?.table === 'tenant') return 'taken';
        if (brokenGuard(found) === 'quota') return 'full';
        throw error;
      }
    },

    async find(name) {
      const row = await first(kit, q.get, { name });
      return row && read(row);
    },

    async list({ label, ...page }) {
      const bounds = pageValues(page);
      const rows = label
        ? await all(kit, q.listLabelled, { ...bounds, labelKey: label[0], labelValue: label[1] })
        : await all(kit, q.list, bounds);
      return rows.map(read);
    },

    async update({ name, displayName, labels, version }, by) {
      const update = q.update.with({ name, displayName, labels: JSON.stringify(labels) });
      try {
        await driver.batch([
          ...hold({ alone: [tenantLock(name)] }),
          q.current.with({ name, version }),
          update,
          ...audit(by),
        ]);
        return true;
      } catch (error) {
        if (brokenGuard(violation(error)) === 'version') return false;
        throw error;
      }
    },

    async remove(name, version, by) {
      const before = [
        ...hold({ alone: [tenantLock(name), FLEETS_LOCK] }),
        q.current.with({ name, version }),
        remove.refresh.with({ name, at: by.at }),
        remove.advanceAll.with({ name }),
        ...remove.rows.map((rows) => rows.with({ name })),
        ...removeOwnFleets(name),
        remove.tenant.with({ name }),
        remove.advance.with({ name }),
      ];
      try {
        const results = await driver.batch([...before, remove.leave.with({ name, at: by.at }), ...audit(by)]);
        return { ok: true, seqs: remove.leave.rows(results[before.length]!) };
      } catch (error) {
        if (brokenGuard(violation(error)) === 'version') return { ok: false, seqs: [] };
        throw error;
      }
    },

    listWithGateways: (page) => all(kit, q.withGateways, { limit: page.limit, after: page.after ?? '' }),
  };
}
