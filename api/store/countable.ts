import { and, eq, gt, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, $int, $text, guard, type Kit, prepare } from './query.ts';

/** What a tenant has in tables of their own, each of which a quota of the same name limits. */
export type Countable = 'tokens' | 'members' | 'domains' | 'fleets';

/** The number of each of these that a tenant has now. They have the parameters `tenant` and `now`. */
function counts({ t }: Kit): Record<Countable, SQL> {
  const isValid = or(isNull(t.token.expiresAt), gt(t.token.expiresAt, $int('now')));
  const { token, member, domain, fleet } = t;
  const rows = (table: typeof token | typeof member | typeof domain | typeof fleet, more?: SQL) =>
    sql`(select count(*) from ${table} where ${and(eq(table.tenant, $('tenant')), more)})`;
  return {
    tokens: rows(token, and(isNull(token.revokedAt), isValid)),
    members: rows(member),
    domains: rows(domain),
    fleets: rows(fleet, eq(fleet.managedBy, sql`'tenant'`)),
  };
}

/** The quota of a tenant for something that a batch adds. */
export interface Room {
  tenant: string;
  /** The limit of a plan that does not set this quota. */
  otherwise: number;
  /** The time of the request, in milliseconds since 1970. */
  now: number;
}

/** The name of the lock of batches that add something countable to a tenant. */
export const roomLock = (what: Countable, tenant: string): string => `quota/${what}/${tenant}`;

/**
 * Makes the guard that a tenant has room for one more. The guard reads the limit of the tenant's plan in the batch. The
 * batch must hold `roomLock` alone, because two batches that run in parallel would both find the last room. If there is
 * no room, the batch breaks the guard `quota`.
 */
export function roomFor(kit: Kit, what: Countable): (room: Room) => Statement {
  const { t, x } = kit;
  const limit = sql`cast(${x.member(t.plan.quotas, what)} as bigint)`;
  const ofPlan = sql`(select ${limit} from ${t.plan} where ${t.plan.name} = (select ${t.tenant.plan} from ${t.tenant} where ${t.tenant.name} = ${$text('tenant')}))`;
  const hasRoom = guard(kit, 'quota', sql`${counts(kit)[what]} < coalesce(${ofPlan}, ${$int('otherwise')})`);
  return (room) => hasRoom.with({ ...room });
}

/** Makes the query for the number of everything countable that a tenant has. */
export function countableUsage(kit: Kit) {
  const { db, t } = kit;
  const columns = Object.entries(counts(kit)).map(([name, count]) => [name, sql<number>`${count}`.as(name)] as const);
  return prepare(
    db
      .select(Object.fromEntries(columns) as Record<Countable, SQL.Aliased<number>>)
      .from(t.tenant)
      .where(eq(t.tenant.name, $('tenant'))),
  );
}
