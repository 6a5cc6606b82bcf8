import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, ne, or, type SQLWrapper, sql } from 'drizzle-orm';
import { isOthersBelow } from './domain-guards.ts';
import { $, $int, guard, type Kit, parameters, prepare } from './query.ts';

/** Makes the statements on the domains of tenants. */
export function domainStatements(kit: Kit) {
  const { db, t, x } = kit;
  const d = t.domain;
  const columns = {
    tenant: d.tenant,
    name: d.name,
    token: d.token,
    held: d.held,
    createdAt: d.createdAt,
    provenAt: d.provenAt,
    missingSince: d.missingSince,
    checkedAt: d.checkedAt,
    nextCheckAt: d.nextCheckAt,
    failures: d.failures,
    reason: d.reason,
  };
  const item = sql.raw('item');
  const isHeldByOther = and(isNotNull(d.held), ne(d.tenant, $('tenant')));
  const named = and(eq(d.tenant, $('tenant')), eq(d.name, $('name')));
  const mine = and(named, eq(d.token, $('token')));
  const exists = (table: SQLWrapper, where: SQLWrapper | undefined) =>
    sql`exists (select 1 from ${table} where ${where})`;
  // `~` sorts after every character of a host. `below` is the reversed domain and a dot.
  const isBelow = (column: SQLWrapper) => sql`${column} >= ${$('below')} and ${column} < ${$('end')}`;
  const heldBelow = exists(d, and(isBelow(d.reversed), isHeldByOther));
  const hostBelow = exists(
    t.hostClaim,
    and(eq(t.hostClaim.tenant, d.tenant), or(eq(t.hostClaim.host, $('name')), isBelow(t.hostClaim.reversed))),
  );
  const isAbove = inArray(d.held, sql`(select ${item} from ${x.items($('above'))})`);
  const provenBelow = exists(d, and(isAbove, ne(d.tenant, $('tenant')), hostBelow));
  return {
    insert: prepare(
      db.insert(d).values({
        ...parameters('tenant', 'name', 'reversed', 'token', 'createdAt', 'nextCheckAt'),
        failures: 0,
        cleared: 0,
      }),
    ),
    isFree: guard(kit, 'host', sql`not ${heldBelow} and not ${provenBelow}`),
    get: prepare(db.select(columns).from(d).where(named)),
    list: prepare(
      db
        .select(columns)
        .from(d)
        .where(and(eq(d.tenant, $('tenant')), gt(d.name, $('after'))))
        .orderBy(asc(d.name))
        .limit($('limit')),
    ),
    exists: guard(kit, 'version', exists(d, named)),
    isSame: guard(kit, 'version', exists(d, mine)),
    remove: prepare(db.delete(d).where(named)),
    holders: prepare(
      db
        .select({ name: d.name, tenant: d.tenant })
        .from(d)
        .where(inArray(d.held, sql`(select ${item} from ${x.items($('names'))})`)),
    ),
    prefixesAbove: prepare(
      db
        .select({ prefix: sql<string>`${item}`.as('prefix') })
        .from(x.items($('prefixes')))
        .where(sql`exists (select 1 from ${d} where ${isOthersBelow(kit)})`),
    ),
    begin: prepare(
      db
        .update(d)
        .set({ checkedAt: sql`${$('at')}` })
        .where(and(mine, or(isNull(d.checkedAt), lte(d.checkedAt, $('since')))))
        .returning({ name: d.name }),
    ),
    isHeldBy: guard(
      kit,
      'version',
      sql`not ${exists(d, and(eq(d.held, $('name')), ne(d.tenant, $('tenant')), ne(d.tenant, $('from'))))}`,
    ),
    lose: prepare(
      db
        .update(d)
        .set({
          held: null,
          missingSince: null,
          nextCheckAt: sql`${$('nextCheckAt')}`,
          reason: sql`${$('reason')}`,
        })
        .where(and(eq(d.held, $('name')), eq(d.tenant, $('from')))),
    ),
    prove: prepare(
      db
        .update(d)
        .set({
          cleared: sql`case when ${d.held} is null then 0 else ${d.cleared} end`,
          held: sql`${d.name}`,
          provenAt: sql`${$('at')}`,
          checkedAt: sql`${$('at')}`,
          nextCheckAt: sql`${$('nextCheckAt')}`,
          missingSince: null,
          failures: 0,
          reason: null,
        })
        .where(mine),
    ),
    miss: prepare(
      db
        .update(d)
        .set({
          checkedAt: sql`${$('at')}`,
          nextCheckAt: sql`${$('nextCheckAt')}`,
          missingSince: sql`case when ${d.held} is not null then coalesce(${d.missingSince}, ${$int('at')}) end`,
          failures: sql`${d.failures} + 1`,
          reason: sql`${$('reason')}`,
        })
        .where(mine),
    ),
    isMissing: guard(kit, 'version', exists(d, and(mine, isNotNull(d.held), eq(d.missingSince, $('missingSince'))))),
    release: prepare(
      db
        .update(d)
        .set({
          held: null,
          missingSince: null,
          checkedAt: sql`${$('at')}`,
          nextCheckAt: sql`${$('nextCheckAt')}`,
          failures: sql`${d.failures} + 1`,
          reason: sql`${$('reason')}`,
        })
        .where(mine),
    ),
    due: prepare(
      db
        .select(columns)
        .from(d)
        .where(lte(d.nextCheckAt, $('now')))
        .orderBy(asc(d.nextCheckAt))
        .limit($('limit')),
    ),
    uncleared: prepare(
      db
        .select({ tenant: d.tenant, name: d.name, token: d.token })
        .from(d)
        .where(and(isNotNull(d.held), eq(d.cleared, sql`0`)))
        .limit($('limit')),
    ),
    rivals: prepare(
      db
        .select({ tenant: t.hostClaim.tenant, host: t.hostClaim.host })
        .from(t.hostClaim)
        .where(
          and(
            ne(t.hostClaim.tenant, $('tenant')),
            or(
              inArray(t.hostClaim.host, sql`(select ${item} from ${x.items($('hosts'))})`),
              isBelow(t.hostClaim.reversed),
            ),
          ),
        )
        .orderBy(asc(t.hostClaim.reversed))
        .limit($('limit')),
    ),
    cleared: prepare(db.update(d).set({ cleared: 1 }).where(mine)),
    unclear: prepare(
      db
        .update(d)
        .set({ cleared: 0 })
        .where(and(or(isBelow(d.reversed), isAbove), isHeldByOther)),
    ),
  };
}
