import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { FleetView } from '../fleets/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import { type Room, roomFor } from './countable.ts';
import type { Statement } from './driver.ts';
import { type FleetJudgement, fleetJudgements } from './fleet-judgement.ts';
import { type FleetReads, fleetReads } from './fleet-reads.ts';
import { row } from './fleet-row.ts';
import { $, $int, $text, guard, type Kit, prepare } from './query.ts';
import { deletedWith } from './tables/index.ts';
import { brokenGuard, violation } from './violation.ts';

export interface Fleet extends Stored<FleetView> {
  /**
   * The version of the fleet. The store adds 1 at every update. The caller of `update` passes the version that it has
   * read.
   */
  version: number;
  /**
   * The last number of the fleet's feed. Only the store changes it. A new fleet starts at `firstSeq` or above; other
   * writes ignore the value.
   */
  seq: number;
}

/**
 * The outcome of a change. `false`: the name is in use, or the version is stale. `raced`: the judged state is outdated,
 * so the caller judges again. `no room`: the tenant has as many fleets as its plan allows.
 */
export type FleetOutcome = boolean | 'raced' | 'no room';

/** The fleets, and the counters that all of them share. */
export interface Fleets extends FleetReads {
  /** @param room the quota of the tenant that creates the fleet; absent for a fleet that operators manage */
  create(fleet: Fleet, audit: Audit, judged?: FleetJudgement, room?: Room): Promise<FleetOutcome>;
  /** Updates a fleet and increments the generation. If its agents get another description, each gets a new snapshot. */
  update(fleet: Fleet, audit: Audit, judged?: FleetJudgement): Promise<FleetOutcome>;
  remove(
    fleet: Pick<Fleet, 'name' | 'version' | 'createdAt'>,
    audit: Audit,
    judged?: FleetJudgement,
  ): Promise<FleetOutcome>;
}

function statements(kit: Kit) {
  const { db, t } = kit;
  const f = t.fleet;
  const named = eq(f.name, $('name'));
  // Whether the part of the fleet changed that its agents receive. All resources that the fleet serves may then change.
  const redefined = sql`(${f.labels} <> ${$('labels')} or ${f.ports} <> ${$('ports')} or coalesce(${f.portRanges}, '') <> coalesce(${$text('portRanges')}, '') or ${f.denyDestinations} <> ${$('denyDestinations')}
    or coalesce(${f.address}, '') <> coalesce(${$text('address')}, '') or coalesce(${f.tenant}, '') <> coalesce(${$text('tenant')}, ''))`;
  const moved = (otherwise: SQL) => sql`case when ${redefined} then ${f.seq} + 1 else ${otherwise} end`;
  const next = sql<number>`${t.fleetCounter.seq} + 1`;
  const first = sql<number>`case when ${$int('seq')} > ${next} then ${$int('seq')} else ${next} end`;
  const removedSeq = sql`(select ${f.seq} from ${f} where ${named})`;

  return {
    count: prepare(db.insert(t.fleetCounter).values({ id: 1, generation: 0, seq: 0 }).onConflictDoNothing()),
    bump: prepare(db.update(t.fleetCounter).set({ generation: sql`${t.fleetCounter.generation} + 1` })),
    // The feed starts above the numbers of every removed fleet, and with a floor. So every agent gets a snapshot at its
    // first connection, even if its replica has a cursor of a removed fleet.
    insert: prepare(
      db.insert(f).select(
        db
          .select({
            name: $text('name').as('name'),
            labels: $text('labels').as('labels'),
            ports: $text('ports').as('ports'),
            portRanges: $text('portRanges').as('port_ranges'),
            address: $text('address').as('address'),
            tenant: $text('tenant').as('tenant'),
            managedBy: $text('managedBy').as('managed_by'),
            denyDestinations: $text('denyDestinations').as('deny_destinations'),
            createdAt: $int('createdAt').as('created_at'),
            version: $int('version').as('version'),
            seq: first.as('seq'),
            floor: first.as('floor'),
            drains: sql<number>`0`.as('drains'),
          })
          .from(t.fleetCounter),
      ),
    ),
    current: guard(
      kit,
      'version',
      sql`exists (select 1 from ${f} where ${and(named, eq(f.version, $('version')), eq(f.createdAt, $('createdAt')))})`,
    ),
    update: prepare(
      db
        .update(f)
        .set({
          seq: moved(sql`${f.seq}`),
          floor: moved(sql`${f.floor}`),
          labels: sql`${$('labels')}`,
          ports: sql`${$('ports')}`,
          portRanges: sql`${$text('portRanges')}`,
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
    removeRows: deletedWith(t, 'fleet').map((table) => prepare(db.delete(table).where(eq(table.fleet, $('name'))))),
    remove: prepare(db.delete(f).where(named)),
  };
}

export function fleets(kit: Kit): Fleets {
  const { driver } = kit;
  const q = statements(kit);
  const audit = audits(kit);
  const judgement = fleetJudgements(kit);
  const hasRoom = roomFor(kit, 'fleets');

  async function write(judged: FleetJudgement | undefined, statements: Statement[]): Promise<FleetOutcome> {
    try {
      await driver.batch([...judgement.guards(judged), ...statements, ...judgement.moves(judged)]);
      return true;
    } catch (error) {
      const found = violation(error);
      const broken = brokenGuard(found);
      if (broken === 'version' || found?.table === 'fleet') return false;
      if (broken === 'fleets' || broken === 'head' || broken === 'host') return 'raced';
      if (broken === 'quota') return 'no room';
      if (found?.table === 'port_claim') return 'raced';
      throw error;
    }
  }

  return {
    ...fleetReads(kit),

    // The lock on the fleets is held alone, so no other batch adds a fleet to the tenant meanwhile.
    create: (fleet, by, judged, room) =>
      write(judged, [
        ...(room ? [hasRoom(room)] : []),
        q.count.with({}),
        q.insert.with(row(fleet)),
        q.bump.with({}),
        ...audit(by),
      ]),

    update(fleet, by, judged) {
      const values = row(fleet);
      return write(judged, [q.current.with(values), q.update.with(values), q.bump.with({}), ...audit(by)]);
    },

    remove: ({ name, version, createdAt }, by, judged) =>
      write(judged, [
        q.current.with({ name, version, createdAt }),
        q.retire.with({ name }),
        ...q.removeRows.map((removal) => removal.with({ name })),
        q.remove.with({ name }),
        q.bump.with({}),
        ...audit(by),
      ]),
  };
}
