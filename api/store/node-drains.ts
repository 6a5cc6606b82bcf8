import { and, asc, eq, isNotNull, sql } from 'drizzle-orm';
import { type Audit, audits } from './audit.ts';
import { $, $int, all, first, guard, type Kit, prepare } from './query.ts';
import { unlessChanged } from './unless-changed.ts';

/** The drained nodes of fleets. */
export interface NodeDrains {
  /**
   * Drains a node, or ends its drain, and counts the change of the fleet, which its streams then send to the agents.
   *
   * @param drain.at the time since which the node takes no new connections; undefined ends the drain
   * @returns false when there is no such node
   */
  drain(drain: { fleet: string; name: string; at?: number | undefined }, audit: Audit): Promise<boolean>;
  /** Returns the names of the drained nodes of a fleet, and the number of changes with which they were read. */
  drained(fleet: string): Promise<{ drains: number; nodes: string[] }>;
}

function statements(kit: Kit) {
  const { db, t } = kit;
  const n = t.node;
  const ofFleet = eq(n.fleet, $('fleet'));
  const named = and(ofFleet, eq(n.name, $('name')));
  const fleet = eq(t.fleet.name, $('fleet'));
  return {
    isThere: guard(kit, 'version', sql`exists (select 1 from ${n} where ${named})`),
    drain: prepare(
      db
        .update(n)
        .set({ drainedAt: sql`${$int('at')}` })
        .where(named),
    ),
    countDrain: prepare(
      db
        .update(t.fleet)
        .set({ drains: sql`${t.fleet.drains} + 1` })
        .where(fleet),
    ),
    drains: prepare(db.select({ drains: t.fleet.drains }).from(t.fleet).where(fleet)),
    drained: prepare(
      db
        .select({ name: n.name })
        .from(n)
        .where(and(ofFleet, isNotNull(n.drainedAt)))
        .orderBy(asc(n.name)),
    ),
  };
}

export function nodeDrains(kit: Kit): NodeDrains {
  const q = statements(kit);
  const audit = audits(kit);
  return {
    drain: ({ fleet, name, at }, by) =>
      unlessChanged(kit.driver, [
        q.isThere.with({ fleet, name }),
        q.drain.with({ fleet, name, at: at ?? null }),
        q.countDrain.with({ fleet }),
        ...audit(by),
      ]),

    async drained(fleet) {
      // The number is read first. If the nodes are newer, they are only sent once more.
      const drains = (await first(kit, q.drains, { fleet }))?.drains ?? 0;
      return { drains, nodes: (await all(kit, q.drained, { fleet })).map(({ name }) => name) };
    },
  };
}
