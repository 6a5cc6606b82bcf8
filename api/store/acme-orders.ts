import { and, eq, gt, lte, sql } from 'drizzle-orm';
import { $, $int, $text, all, first, guard, type Kit, locks, parameters, prepare } from './query.ts';
import { brokenGuard, violation } from './violation.ts';

/** An order that counts towards the limits of the authority. */
interface AcmeOrder {
  id: string;
  tenant: string;
  /** The registered domain of the name. */
  domain: string;
  at: number;
}

export interface OrderLimits {
  /** The number of orders in `period`. A tenant gets at most half of those that the other tenants leave. */
  all: number;
  /** In milliseconds. */
  period: number;
  /** The number of orders in `domainPeriod` for names with the same registered domain. */
  ofDomain: number;
  /** How many of these one tenant gets. */
  ofDomainAndTenant: number;
  /** In milliseconds, not shorter than `period`. */
  domainPeriod: number;
  /** The number of names whose order is open. Orders that begin at the same time may exceed it. */
  open: number;
}

/** The orders that have been made. */
export interface OrderCounts {
  all: number;
  ofTenant: number;
  ofDomain: number;
  ofDomainAndTenant: number;
  open: number;
}

/** The orders that count, by tenant and registered domain. Times are milliseconds since 1970. */
export interface OrderTally {
  open: number;
  rows: {
    tenant: string;
    domain: string;
    /** The number of orders in `period`, and the time of the first of them; 0 and null if there are none. */
    recent: number;
    oldestRecent: number | null;
    /** The same in `domainPeriod`. */
    all: number;
    oldest: number;
  }[];
}

/** Counts orders at the authority. An order counts before it is made, so that processes do not exceed a limit together. */
export interface AcmeOrders {
  /**
   * Counts an order, unless a limit is reached.
   *
   * @returns undefined when the order may be made; otherwise the numbers of orders, at least one of which is at its limit
   */
  count(order: AcmeOrder, limits: OrderLimits): Promise<OrderCounts | undefined>;
  tally(now: number, limits: Pick<OrderLimits, 'period' | 'domainPeriod'>): Promise<OrderTally>;
  /** Counts an order no more that the authority did not accept. */
  undo(id: string): Promise<void>;
}

const LOCK = 'acme-orders';

function statements(kit: Kit) {
  const { db, t } = kit;
  const { acmeOrder: o, automaticName: a } = t;
  const number = (where: ReturnType<typeof and>) => sql<number>`(select count(*) from ${o} where ${where})`;
  const isRecent = gt(o.at, $int('since'));
  const isOfTenant = eq(o.tenant, $text('tenant'));
  const isOfDomain = and(gt(o.at, $int('domainSince')), eq(o.domain, $text('domain')));
  const counts = {
    all: number(isRecent),
    ofTenant: number(and(isRecent, isOfTenant)),
    ofDomain: number(isOfDomain),
    ofDomainAndTenant: number(and(isOfDomain, isOfTenant)),
    open: sql<number>`(select count(*) from ${a} where ${a.step} <> 'idle')`,
  };
  const recentAt = sql<number | null>`case when ${isRecent} then ${o.at} end`;
  return {
    tally: prepare(
      db
        .select({
          tenant: o.tenant,
          domain: o.domain,
          recent: sql<number>`count(${recentAt})`.as('recent'),
          oldestRecent: sql<number | null>`min(${recentAt})`.as('oldest_recent'),
          all: sql<number>`count(*)`.as('all_orders'),
          oldest: sql<number>`min(${o.at})`.as('oldest'),
        })
        .from(o)
        .where(gt(o.at, $int('domainSince')))
        .groupBy(o.tenant, o.domain),
    ),
    open: prepare(db.select({ open: counts.open.as('open_orders') }).from(sql`(select 1) as one`)),
    hasRoom: guard(
      kit,
      'quota',
      sql`${counts.all} < ${$int('all')} and ${counts.ofTenant} * 2 < ${$int('all')} - (${counts.all} - ${counts.ofTenant}) and ${counts.ofDomain} < ${$int('ofDomain')} and ${counts.ofDomainAndTenant} < ${$int('ofDomainAndTenant')} and ${counts.open} < ${$int('open')}`,
    ),
    insert: prepare(db.insert(o).values(parameters('id', 'tenant', 'domain', 'at'))),
    prune: prepare(db.delete(o).where(lte(o.at, $('domainSince')))),
    undo: prepare(db.delete(o).where(eq(o.id, $('id')))),
    counts: prepare(
      db
        .select({
          all: counts.all.as('all_orders'),
          ofTenant: counts.ofTenant.as('of_tenant'),
          ofDomain: counts.ofDomain.as('of_domain'),
          ofDomainAndTenant: counts.ofDomainAndTenant.as('of_domain_and_tenant'),
          open: counts.open.as('open_orders'),
        })
        .from(sql`(select 1) as one`),
    ),
  };
}

export function acmeOrders(kit: Kit): AcmeOrders {
  const q = statements(kit);
  const { driver } = kit;
  const hold = locks(kit);
  return {
    async count(order, { period, domainPeriod, ...limits }) {
      const { tenant, domain, at } = order;
      const of = { tenant, domain, since: at - period, domainSince: at - domainPeriod };
      try {
        await driver.batch([
          ...hold({ alone: [LOCK] }),
          q.hasRoom.with({ ...of, ...limits }),
          q.insert.with({ ...order }),
          q.prune.with(of),
        ]);
        return undefined;
      } catch (error) {
        if (brokenGuard(violation(error)) !== 'quota') throw error;
        return (await first(kit, q.counts, of))!;
      }
    },

    async tally(now, { period, domainPeriod }) {
      const [rows, { open }] = await Promise.all([
        all(kit, q.tally, { since: now - period, domainSince: now - domainPeriod }),
        first(kit, q.open, {}).then((found) => found!),
      ]);
      return { open, rows };
    },

    async undo(id) {
      await driver.batch([q.undo.with({ id })]);
    },
  };
}
