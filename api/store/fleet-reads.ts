import { and, asc, eq, gt, gte, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { read } from './fleet-row.ts';
import type { Fleet } from './fleets.ts';
import { $, all, first, type Kit, type Page, pageValues, prepare } from './query.ts';

/** The reads of the fleets and of their counters. */
export interface FleetReads {
  /** Reads the generation: the number of changes of the fleets so far. A guard of every commit compares it. */
  generation(): Promise<number>;
  /** Returns the number at which the feed of a new fleet begins. It is above the numbers of all removed fleets. */
  firstSeq(): Promise<number>;
  find(name: string): Promise<Fleet | undefined>;
  /** Reads one page of the shared fleets, sorted by name. */
  shared(page: Page): Promise<Fleet[]>;
  /** Lists the fleets that are dedicated to a tenant, sorted by name. */
  dedicated(tenant: string): Promise<Fleet[]>;
  /** Reads one page of the names of the tenants to which fleets are dedicated, sorted. */
  tenants(page: Page): Promise<string[]>;
  /** Lists the fleets that a tenant manages, sorted by name. */
  managedBy(tenant: string): Promise<Fleet[]>;
  /** Reads one page of the fleets, sorted by name. */
  list(page: Page & { label?: [string, string] }): Promise<Fleet[]>;
}

function statements({ db, t, x }: Kit) {
  const f = t.fleet;
  const { floor: _, ...columns } = {
    name: f.name,
    labels: f.labels,
    ports: f.ports,
    portRanges: f.portRanges,
    address: f.address,
    tenant: f.tenant,
    managedBy: f.managedBy,
    denyDestinations: f.denyDestinations,
    createdAt: f.createdAt,
    version: f.version,
    seq: f.seq,
    floor: f.floor,
  };
  const page = and(gt(f.name, $('after')), gte(f.name, $('from')), lt(f.name, $('until')));
  const list = (where: SQL | undefined) =>
    prepare(db.select(columns).from(f).where(where).orderBy(asc(f.name)).limit($('limit')));

  return {
    counter: prepare(
      db.select({ generation: t.fleetCounter.generation, seq: t.fleetCounter.seq }).from(t.fleetCounter),
    ),
    get: prepare(
      db
        .select(columns)
        .from(f)
        .where(eq(f.name, $('name'))),
    ),
    managed: prepare(
      db
        .select(columns)
        .from(f)
        .where(and(eq(f.tenant, $('tenant')), eq(f.managedBy, 'tenant')))
        .orderBy(asc(f.name)),
    ),
    list: list(page),
    shared: list(and(page, isNull(f.tenant))),
    dedicated: prepare(
      db
        .select(columns)
        .from(f)
        .where(eq(f.tenant, $('tenant')))
        .orderBy(asc(f.name)),
    ),
    tenants: prepare(
      db
        .selectDistinct({ tenant: sql<string>`${f.tenant}`.as('tenant') })
        .from(f)
        .where(gt(f.tenant, $('after')))
        .orderBy(asc(f.tenant))
        .limit($('limit')),
    ),
    listLabelled: list(and(page, x.hasMember(f.labels, $('labelKey'), $('labelValue')))),
  };
}

export function fleetReads(kit: Kit): FleetReads {
  const q = statements(kit);
  return {
    async generation() {
      return (await first(kit, q.counter, {}))?.generation ?? 0;
    },

    async firstSeq() {
      return ((await first(kit, q.counter, {}))?.seq ?? 0) + 1;
    },

    async find(name) {
      const found = await first(kit, q.get, { name });
      return found && read(found);
    },

    shared: async (page) => (await all(kit, q.shared, pageValues(page))).map(read),
    dedicated: async (tenant) => (await all(kit, q.dedicated, { tenant })).map(read),
    tenants: async ({ limit, after = '' }) => (await all(kit, q.tenants, { limit, after })).map(({ tenant }) => tenant),
    managedBy: async (tenant) => (await all(kit, q.managed, { tenant })).map(read),

    async list({ label, ...page }) {
      const bounds = pageValues(page);
      const rows = label
        ? await all(kit, q.listLabelled, { ...bounds, labelKey: label[0], labelValue: label[1] })
        : await all(kit, q.list, bounds);
      return rows.map(read);
    },
  };
}
