import { and, eq, ne, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, $text, all, type Kit, prepare } from './query.ts';

/** A port of a shared fleet. At most one tenant claims it. */
export interface FleetPort {
  fleet: string;
  /** The transport protocol and the number that tenants write: `tcp/5432`. */
  port: string;
}

/** The ports that a change claims and releases for a tenant. */
export interface PortMove {
  add: FleetPort[];
  remove: FleetPort[];
}

export interface PortClaims {
  /**
   * Makes the statements that release and make the claims of a batch. They violate the primary key of the table when
   * another tenant claims one of the ports.
   */
  statements(move: { tenant: string; ports: PortMove }): Statement[];
  /** Returns the ports of the list that another tenant claims now. */
  taken(tenant: string, ports: readonly FleetPort[]): Promise<FleetPort[]>;
  /** Returns every port of a fleet that any tenant claims now. */
  ofFleet(fleet: string): Promise<ReadonlySet<string>>;
}

export function portClaims(kit: Kit): PortClaims {
  const { db, t, x } = kit;
  const records = x.records($('records'), ['fleet', 'port']);
  const isListed = sql`exists (select 1 from ${records} where records.fleet = ${t.portClaim.fleet} and records.port = ${t.portClaim.port})`;
  const q = {
    take: prepare(
      db
        .insert(t.portClaim)
        .select(sql`select records.fleet, records.port, ${$text('tenant')} from ${records} where true`),
    ),
    release: prepare(db.delete(t.portClaim).where(and(eq(t.portClaim.tenant, $('tenant')), isListed))),
    taken: prepare(
      db
        .select({ fleet: t.portClaim.fleet, port: t.portClaim.port })
        .from(t.portClaim)
        .where(and(ne(t.portClaim.tenant, $('tenant')), isListed)),
    ),
    ofFleet: prepare(
      db
        .select({ port: t.portClaim.port })
        .from(t.portClaim)
        .where(eq(t.portClaim.fleet, $('fleet'))),
    ),
  };
  return {
    statements({ tenant, ports: { add, remove } }) {
      // Every batch inserts in the same order. Otherwise two batches could wait for each other's rows.
      const added = add.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      return [
        // A claim that the tenant already has must not violate the key.
        ...parts([...remove, ...added]).map((each) => q.release.with({ tenant, records: each })),
        ...parts(added).map((each) => q.take.with({ tenant, records: each })),
      ];
    },
    async taken(tenant, ports) {
      const found: FleetPort[] = [];
      for (const each of parts(ports)) found.push(...(await all(kit, q.taken, { tenant, records: each })));
      return found;
    },
    async ofFleet(fleet) {
      return new Set((await all(kit, q.ofFleet, { fleet })).map(({ port }) => port));
    },
  };
}

/** Returns a key by which ports of fleets can be compared. */
export const keyOf = ({ fleet, port }: FleetPort): string => `${fleet}|${port}`;
