import { and, asc, eq, getTableColumns, gt, gte, isNull, lt, or, sql } from 'drizzle-orm';
import type { TenantView } from '../tenants/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import { ownFleets } from './own-fleets.ts';
import { type NewOwner, ownershipRoom } from './owned-tenants.ts';
import { personLock } from './person-sessions.ts';
import {
  $,
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
import { removal, stateChange } from './tenant-lifecycle.ts';
import { unlessChanged } from './unless-changed.ts';
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

/** A version of a tenant: a guard of the statements that change it. A later tenant of the name has another one. */
export type TenantVersion = Pick<Tenant, 'name' | 'version' | 'createdAt'>;

/** A change of the state in which a tenant is served. Absent members mean that it is not suspended or deleted. */
interface StateChange extends TenantVersion, Pick<Tenant, 'suspendedAt' | 'suspendedReason' | 'deletedAt'> {
  /** The new id of the head, so that commits that were made on the head before fail. */
  head: string;
}

/** A tenant in a snapshot. */
interface ServedTenant {
  name: string;
  revision: number;
  /** Absent when the tenant is neither suspended nor deleted. */
  isClosed?: boolean;
}

/** The numbers of feed rows. `ok` is false when the version is stale or the tenant does not exist. */
interface Notified {
  ok: boolean;
  seqs: { fleet: string; seq: number }[];
}

/**
 * Tenants. `update` does not change the plan. `update` and `remove` return false when `version` is stale or the tenant
 * does not exist.
 */
export interface Tenants {
  /**
   * Creates a tenant.
   *
   * @param owner the person who gets the role `owner`, if a person creates it
   * @returns `full` when the person owns as many tenants as allowed, `nobody` when there is no such person any more
   */
  create(tenant: Tenant, audit: Audit, owner?: NewOwner): Promise<'created' | 'taken' | 'full' | 'nobody'>;
  find(name: string): Promise<Tenant | undefined>;
  /** Lists tenants, sorted by name. */
  list(page: Page & { prefix?: string; label?: [string, string] }): Promise<Tenant[]>;
  update(tenant: Tenant, audit: Audit): Promise<boolean>;
  /**
   * Removes a tenant with everything that it owns. Adds a feed row with `leaves` for every fleet that could have served
   * it.
   */
  remove(tenant: TenantVersion, audit: Audit): Promise<Notified>;
  /** Suspends, resumes, deletes or restores a tenant, and adds a feed row for every fleet that may serve it. */
  changeState(change: StateChange, audit: Audit): Promise<Notified>;
  /** Lists the tenants whose deletion was requested at this time or earlier. */
  deletedBy(time: number, limit: number): Promise<string[]>;
  /**
   * Lists tenants with a gateway, and those whose routes name other tenants, sorted by name. A snapshot reads its
   * tenants in these pages.
   */
  listWithGateways(page: Page): Promise<ServedTenant[]>;
}

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const named = eq(t.tenant.name, $('name'));
  const page = and(gt(t.tenant.name, $('after')), gte(t.tenant.name, $('from')), lt(t.tenant.name, $('until')));
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
    isPerson: guard(kit, 'version', sql`exists (select 1 from ${t.person} where ${eq(t.person.id, $('person'))})`),
    own: prepare(db.insert(t.member).values(parameters('tenant', 'person', 'role', 'createdAt'))),
    get: prepare(db.select(columns).from(t.tenant).where(named)),
    list: prepare(list().where(page)),
    listLabelled: prepare(list().where(and(page, labelled))),
    current: guard(
      kit,
      'version',
      sql`exists (select 1 from ${t.tenant} where ${and(named, eq(t.tenant.version, $('version')), eq(t.tenant.createdAt, $('createdAt')))})`,
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
        .select({
          name: t.tenant.name,
          revision: t.tenant.revision,
          closedAt: sql<number | null>`coalesce(${t.tenant.suspendedAt}, ${t.tenant.deletedAt})`.as('closed_at'),
        })
        .from(t.tenant)
        .where(and(gt(t.tenant.name, $('after')), or(hasGateway, hasOwner, hasAttached, hasParent)))
        .orderBy(asc(t.tenant.name))
        .limit($('limit')),
    ),
  };
}

/** Whether a tenant is suspended or deleted, so that its hosts answer 503. */
export const isClosed = ({ suspendedAt, deletedAt }: Pick<Tenant, 'suspendedAt' | 'deletedAt'>): boolean =>
  suspendedAt !== undefined || deletedAt !== undefined;

type Row = Omit<Tenant, 'labels' | 'suspendedAt' | 'suspendedReason' | 'deletedAt'> & {
  labels: string;
  suspendedAt: number | null;
  suspendedReason: string | null;
  deletedAt: number | null;
};

const read = ({ labels, suspendedAt, suspendedReason, deletedAt, ...row }: Row): Tenant => ({
  ...row,
  labels: JSON.parse(labels),
  ...(suspendedAt !== null && { suspendedAt }),
  ...(suspendedReason !== null && { suspendedReason }),
  ...(deletedAt !== null && { deletedAt }),
});

export function tenants(kit: Kit): Tenants {
  const { driver } = kit;
  const q = statements(kit);
  const remove = removal(kit);
  const removeOwnFleets = ownFleets(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const state = stateChange(kit);
  const mayOwn = ownershipRoom(kit);

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
      const alone = [tenantLock(name), ...(owner ? [personLock(owner.person)] : [])];
      const before = owner ? [q.isPerson.with({ person: owner.person }), mayOwn(name, owner, by.actor)] : [];
      const after = owner ? [q.own.with({ tenant: name, person: owner.person, role: 'owner', createdAt })] : [];
      try {
        await driver.batch([...hold({ alone }), ...before, q.insert.with(row), ...after, ...audit(by)]);
        return 'created';
      } catch (error) {
        const found = violation(error);
        if (found?.table === 'tenant') return 'taken';
        if (brokenGuard(found) === 'owner') return 'full';
        if (brokenGuard(found) === 'version') return 'nobody';
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

    async update({ name, displayName, labels, version, createdAt }, by) {
      const update = q.update.with({ name, displayName, labels: JSON.stringify(labels) });
      return unlessChanged(driver, [
        ...hold({ alone: [tenantLock(name)] }),
        q.current.with({ name, version, createdAt }),
        update,
        ...audit(by),
      ]);
    },

    async remove({ name, version, createdAt }, by) {
      const before = [
        ...hold({ alone: [tenantLock(name), FLEETS_LOCK] }),
        q.current.with({ name, version, createdAt }),
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

    async changeState({ suspendedAt = null, suspendedReason = null, deletedAt = null, ...change }, by) {
      const { name, version, createdAt } = change;
      const before = [
        ...hold({ alone: [tenantLock(name), FLEETS_LOCK] }),
        q.current.with({ name, version, createdAt }),
        state.set.with({ ...change, suspendedAt, suspendedReason, deletedAt }),
        state.advance.with({ name }),
      ];
      try {
        const results = await driver.batch([...before, state.notify.with({ name, at: by.at }), ...audit(by)]);
        return { ok: true, seqs: state.notify.rows(results[before.length]!) };
      } catch (error) {
        if (brokenGuard(violation(error)) === 'version') return { ok: false, seqs: [] };
        throw error;
      }
    },

    deletedBy: async (time, limit) => (await all(kit, state.deletedBy, { time, limit })).map(({ name }) => name),
    async listWithGateways({ limit, after = '' }) {
      const rows = await all(kit, q.withGateways, { limit, after });
      return rows.map(({ closedAt, ...row }) => ({ ...row, ...(closedAt !== null && { isClosed: true }) }));
    },
  };
}
