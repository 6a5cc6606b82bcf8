import { and, asc, eq, gt, gte, lt, type SQL, sql } from 'drizzle-orm';
import { audits } from './audit.ts';
import type { Value } from './driver.ts';
import type { Fleet, Store } from './port.ts';
import { $, $int, $text, all, FLEETS_LOCK, first, guard, type Kit, locks, pageValues, prepare } from './query.ts';
import { brokenGuard, violation } from './violation.ts';

type Fleets = Pick<
  Store,
  'fleetGeneration' | 'firstSeq' | 'createFleet' | 'fleet' | 'fleets' | 'updateFleet' | 'removeFleet'
>;

function reads({ db, t, x }: Kit) {
  const f = t.fleet;
  const { floor: _, ...columns } = {
    name: f.name,
    labels: f.labels,
    ports: f.ports,
    address: f.address,
    tenant: f.tenant,
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
    list: list(page),
    listLabelled: list(and(page, x.hasMember(f.labels, $('labelKey'), $('labelValue')))),
  };
}

function writes(kit: Kit) {
  const { db, t } = kit;
  const f = t.fleet;
  const named = eq(f.name, $('name'));
  // What an agent was told of its fleet: when it changes, so may everything the fleet serves.
  const redefined = sql`(${f.labels} <> ${$('labels')} or ${f.ports} <> ${$('ports')}
    or coalesce(${f.address}, '') <> coalesce(${$text('address')}, '') or coalesce(${f.tenant}, '') <> coalesce(${$text('tenant')}, ''))`;
  const moved = (otherwise: SQL) => sql`case when ${redefined} then ${f.seq} + 1 else ${otherwise} end`;
  const next = sql<number>`${t.fleetCounter.seq} + 1`;
  const first = sql<number>`case when ${$int('seq')} > ${next} then ${$int('seq')} else ${next} end`;
  const removedSeq = sql`(select ${f.seq} from ${f} where ${named})`;

  return {
    count: prepare(db.insert(t.fleetCounter).values({ id: 1, generation: 0, seq: 0 }).onConflictDoNothing()),
    bump: prepare(db.update(t.fleetCounter).set({ generation: sql`${t.fleetCounter.generation} + 1` })),
    // Numbered above every fleet removed before, and with a floor: the first connection of an agent is a snapshot, whatever its replica says.
    insert: prepare(
      db.insert(f).select(
        db
          .select({
            name: $text('name').as('name'),
            labels: $text('labels').as('labels'),
            ports: $text('ports').as('ports'),
            address: $text('address').as('address'),
            tenant: $text('tenant').as('tenant'),
            denyDestinations: $text('denyDestinations').as('deny_destinations'),
            createdAt: $int('createdAt').as('created_at'),
            version: $int('version').as('version'),
            seq: first.as('seq'),
            floor: first.as('floor'),
          })
          .from(t.fleetCounter),
      ),
    ),
    current: guard(kit, 'version', sql`exists (select 1 from ${f} where ${and(named, eq(f.version, $('version')))})`),
    update: prepare(
      db
        .update(f)
        .set({
          seq: moved(sql`${f.seq}`),
          floor: moved(sql`${f.floor}`),
          labels: sql`${$('labels')}`,
          ports: sql`${$('ports')}`,
          address: sql`${$('address')}`,
          tenant: sql`${$('tenant')}`,
          denyDestinations: sql`${$('denyDestinations')}`,
          version: sql`${f.version} + 1`,
        })
        .where(named),
    ),
    retire: prepare(
      db.update(t.fleetCounter).set({
        seq: sql`case when ${removedSeq} > ${t.fleetCounter.seq} then ${removedSeq} else ${t.fleetCounter.seq} end`,
      }),
    ),
    removeRows: [t.feed, t.node, t.rejection].map((table) =>
      prepare(db.delete(table).where(eq(table.fleet, $('name')))),
    ),
    remove: prepare(db.delete(f).where(named)),
  };
}

/** Members in one order, so that equal labels are equal text. */
const sorted = (labels: Record<string, string>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));

function row(fleet: Fleet): Record<string, Value> {
  const { name, createdAt, version, seq } = fleet;
  const ports = fleet.ports.map(({ number, bind, protocol }) => ({ number, bind, protocol }));
  return {
    name,
    createdAt,
    version,
    seq,
    labels: sorted(fleet.labels),
    ports: JSON.stringify(ports),
    denyDestinations: JSON.stringify(fleet.denyDestinations),
    address: fleet.address ?? null,
    tenant: fleet.tenant ?? null,
  };
}

interface FleetRow extends Pick<Fleet, 'name' | 'createdAt' | 'version' | 'seq'> {
  labels: string;
  ports: string;
  denyDestinations: string;
  address: string | null;
  tenant: string | null;
}

function read({ labels, ports, denyDestinations, address, tenant, ...rest }: FleetRow): Fleet {
  return {
    ...rest,
    labels: JSON.parse(labels),
    ports: JSON.parse(ports),
    denyDestinations: JSON.parse(denyDestinations),
    ...(address === null ? {} : { address }),
    ...(tenant === null ? {} : { tenant }),
  };
}

export function fleets(kit: Kit): Fleets {
  const { driver } = kit;
  const q = { ...reads(kit), ...writes(kit) };
  const audit = audits(kit);
  const hold = locks(kit);
  const alone = () => hold({ alone: [FLEETS_LOCK] });

  return {
    async fleetGeneration() {
      return (await first(kit, q.counter, {}))?.generation ?? 0;
    },

    async firstSeq() {
      return ((await first(kit, q.counter, {}))?.seq ?? 0) + 1;
    },

    async createFleet(fleet, by) {
      try {
        await driver.batch([...alone(), q.count.with({}), q.insert.with(row(fleet)), q.bump.with({}), ...audit(by)]);
        return true;
      } catch (error) {
        if (violation(error)?.table === 'fleet') return false;
        throw error;
      }
    },

    async fleet(name) {
      const found = await first(kit, q.get, { name });
      return found && read(found);
    },

    async fleets({ label, ...page }) {
      const bounds = pageValues(page);
      const rows = label
        ? await all(kit, q.listLabelled, { ...bounds, labelKey: label[0], labelValue: label[1] })
        : await all(kit, q.list, bounds);
      return rows.map(read);
    },

    async updateFleet(fleet, by) {
      const values = row(fleet);
      try {
        await driver.batch([...alone(), q.current.with(values), q.update.with(values), q.bump.with({}), ...audit(by)]);
        return true;
      } catch (error) {
        if (brokenGuard(violation(error)) === 'version') return false;
        throw error;
      }
    },

    async removeFleet(name, version, by) {
      const rows = q.removeRows.map((removal) => removal.with({ name }));
      const batch = [
        ...alone(),
        q.current.with({ name, version }),
        q.retire.with({ name }),
        ...rows,
        q.remove.with({ name }),
        q.bump.with({}),
        ...audit(by),
      ];
      try {
        await driver.batch(batch);
        return true;
      } catch (error) {
        if (brokenGuard(violation(error)) === 'version') return false;
        throw error;
      }
    },
  };
}
