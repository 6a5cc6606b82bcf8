import { and, eq, gt, ne, or, type SQL, sql } from 'drizzle-orm';
import { $, first, type Kit, prepare } from './query.ts';

/** Numbers of orders. Of each name, only the last order counts. */
export interface Orders {
  all: number;
  ofDomain: number;
  ofTenant: number;
  /** Those that are open. */
  open: number;
}

/** Counts orders at the authority. */
export interface OrderCounts {
  /** Counts the orders on which authorities have limits. */
  orders(of: {
    /** Counts the orders of all names after this time. */
    since: number;
    /** Counts the orders of names with this registered domain after this time. */
    domain: string;
    domainSince: number;
    /** Counts the orders of this tenant after `since`. */
    tenant: string;
  }): Promise<Orders>;
}

const count = (condition: SQL) =>
  sql<number>`cast(coalesce(sum(case when ${condition} then 1 else 0 end), 0) as integer)`;

function statements({ db, t }: Kit) {
  const a = t.automaticName;
  return {
    orders: prepare(
      db
        .select({
          all: count(gt(a.countedAt, $('since'))!),
          ofDomain: count(and(eq(a.domain, $('domain')), gt(a.countedAt, $('domainSince')))!),
          ofTenant: count(and(eq(a.tenant, $('tenant')), gt(a.countedAt, $('since')))!),
          open: count(ne(a.step, 'idle')!),
        })
        .from(a)
        .where(or(gt(a.countedAt, $('since')), gt(a.countedAt, $('domainSince')), ne(a.step, 'idle'))),
    ),
  };
}

export function orderCounts(kit: Kit): OrderCounts {
  const q = statements(kit);
  return {
    orders: async (of) => (await first(kit, q.orders, { ...of })) ?? { all: 0, ofDomain: 0, ofTenant: 0, open: 0 },
  };
}
