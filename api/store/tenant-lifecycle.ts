import { and, asc, eq, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm';
import { dependents } from './dependents.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';
import { deletedWith } from './tables/index.ts';

/** The columns of a feed row that names no resources: agents get the whole configuration of the tenant, or lose it. */
const whole = ({ leaves }: { leaves: 0 | 1 }) => ({
  base: sql<number>`0`.as('base'),
  leaves: sql<number>`${sql.raw(String(leaves))}`.as('leaves'),
  createdAt: $int('at').as('created_at'),
  upstreams: sql<string | null>`null`.as('upstreams'),
  issued: sql<string | null>`null`.as('issued'),
});

/** Makes the statements that change the state of a tenant and notify its fleets. */
export function stateChange({ db, t }: Kit) {
  const named = eq(t.tenant.name, $('name'));
  // A tenant without a revision is served nowhere.
  const isServed = sql`exists (select 1 from ${t.tenant} where ${named} and ${t.tenant.revision} > 0)`;
  const mayServe = or(isNull(t.fleet.tenant), eq(t.fleet.tenant, $('name')));
  return {
    set: prepare(
      db
        .update(t.tenant)
        .set({
          suspendedAt: sql`${$('suspendedAt')}`,
          suspendedReason: sql`${$('suspendedReason')}`,
          deletedAt: sql`${$('deletedAt')}`,
          head: sql`${$('head')}`,
          version: sql`${t.tenant.version} + 1`,
        })
        .where(named),
    ),
    advance: prepare(
      db
        .update(t.fleet)
        .set({ seq: sql`${t.fleet.seq} + 1` })
        .where(and(mayServe, isServed)),
    ),
    notify: prepare(
      db
        .insert(t.feed)
        .select(
          db
            .select({
              fleet: t.fleet.name,
              seq: t.fleet.seq,
              tenant: t.tenant.name,
              revision: t.tenant.revision,
              ...whole({ leaves: 0 }),
            })
            .from(t.fleet)
            .crossJoin(t.tenant)
            .where(and(named, mayServe, isServed)),
        )
        .returning({ fleet: t.feed.fleet, seq: t.feed.seq }),
    ),
    deletedBy: prepare(
      db
        .select({ name: t.tenant.name })
        .from(t.tenant)
        .where(lte(t.tenant.deletedAt, $('time')))
        .orderBy(asc(t.tenant.name))
        .limit($('limit')),
    ),
  };
}

/** Makes the statements that remove a tenant and notify its fleets. */
export function removal(kit: Kit) {
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
            ...whole({ leaves: 0 }),
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
              ...whole({ leaves: 1 }),
            })
            .from(t.fleet)
            .where(served),
        )
        .returning({ fleet: t.feed.fleet, seq: t.feed.seq }),
    ),
  };
}
