import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, type Kit, prepare } from './query.ts';
import { deletedWith } from './tables/index.ts';

/**
 * Makes the statements that remove the fleets that a tenant manages, with their agents. The batch that removes the
 * tenant contains them. Otherwise a later tenant of this name would get these agents.
 */
export function ownFleets({ db, t }: Kit): (tenant: string) => Statement[] {
  const isOwn = and(eq(t.fleet.tenant, $('name')), eq(t.fleet.managedBy, 'tenant'));
  const names = db.select({ name: t.fleet.name }).from(t.fleet).where(isOwn);
  const lastSeq = sql`coalesce((select max(${t.fleet.seq}) from ${t.fleet} where ${isOwn}), 0)`;
  const removals = [
    prepare(
      db
        .update(t.fleetCounter)
        .set({
          generation: sql`${t.fleetCounter.generation} + 1`,
          seq: sql`case when ${lastSeq} > ${t.fleetCounter.seq} then ${lastSeq} else ${t.fleetCounter.seq} end`,
        })
        .where(sql`exists (select 1 from ${t.fleet} where ${isOwn})`),
    ),
    ...deletedWith(t, 'fleet').map((table) => prepare(db.delete(table).where(inArray(table.fleet, names)))),
    prepare(db.delete(t.fleet).where(isOwn)),
  ];
  return (name) => removals.map((removal) => removal.with({ name }));
}
