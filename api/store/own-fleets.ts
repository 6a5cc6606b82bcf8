import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, type Kit, prepare } from './query.ts';
import { deletedWith } from './tables/index.ts';

/**
 * Makes the statements that remove the fleets that a tenant manages, and the agents, the tokens and the kept replies of
 * all fleets that are dedicated to it. The batch that removes the tenant contains them. Otherwise the configuration of a
 * later tenant of this name would go to these agents. A fleet that operators have dedicated to the tenant stays.
 */
export function ownFleets({ db, t }: Kit): (tenant: string) => Statement[] {
  const isDedicated = eq(t.fleet.tenant, $('name'));
  const isOwn = and(isDedicated, eq(t.fleet.managedBy, 'tenant'));
  const dedicated = db.select({ name: t.fleet.name }).from(t.fleet).where(isDedicated);
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
    ...[t.agent, t.enrolment, t.token, t.idempotency].map((table) =>
      prepare(db.delete(table).where(inArray(table.fleet, dedicated))),
    ),
    ...deletedWith(t, 'fleet').map((table) => prepare(db.delete(table).where(inArray(table.fleet, names)))),
    prepare(db.delete(t.fleet).where(isOwn)),
  ];
  return (name) => removals.map((removal) => removal.with({ name }));
}
