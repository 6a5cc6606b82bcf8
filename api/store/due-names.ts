import { and, eq, getTableColumns, lte, sql } from 'drizzle-orm';
import type { NameRow } from './automatic.ts';
import { $, all, type Kit, prepare } from './query.ts';

/** The names whose next step is due, and the queues in which others wait until an order for them is possible. */
export interface DueNames {
  /** Reads names whose next step is due. Those that waited longest come first, but no tenant comes again before the others. */
  due(now: number, limit: number): Promise<NameRow[]>;
  /** Puts names into their queues, with their reasons, except those whose rows changed since they were read. */
  enqueue(rows: readonly NameRow[]): Promise<void>;
  /** Lists the queues in which names wait. The one with the name that became due first comes first. */
  queues(): Promise<string[]>;
  /**
   * Lets names leave a queue, so that they are due: renewals first, and then those that became due first.
   *
   * @param limit the largest number of them
   * @returns their number
   */
  leaveQueue(queue: string, limit: number): Promise<number>;
}

function statements({ db, t, x }: Kit) {
  const a = t.automaticName;
  const version = sql`${a.version} + 1`;
  const records = x.records($('records'), ['tenant', 'name', 'version']);
  const nextQueue = (after: ReturnType<typeof sql>) =>
    sql`select min(${a.queue}) as queue from ${a} where ${a.queue} > ${after}`;
  // The index has all columns that the order needs: thousands may be due.
  const next = db
    .select({
      tenant: a.tenant,
      name: a.name,
      dueAt: a.dueAt,
      turn: sql<number>`row_number() over (partition by ${a.tenant} order by ${a.dueAt})`.as('turn'),
    })
    .from(a)
    .where(and(eq(a.queue, ''), lte(a.dueAt, $('now'))))
    .orderBy(sql`turn`, a.dueAt)
    .limit($('limit'))
    .as('next');
  return {
    due: prepare(
      db
        .select(getTableColumns(a))
        .from(next)
        .innerJoin(a, and(eq(a.tenant, next.tenant), eq(a.name, next.name)))
        .orderBy(sql`${next.turn}`, next.dueAt),
    ),
    enqueue: prepare(
      db
        .update(a)
        .set({ queue: sql`${$('queue')}`, reason: sql`${$('reason')}`, version })
        .where(
          and(
            // The index finds the rows by this condition, and the other one compares their versions.
            sql`(${a.tenant}, ${a.name}) in (select records.tenant, records.name from ${records})`,
            sql`(${a.tenant}, ${a.name}, cast(${a.version} as text)) in (select records.tenant, records.name, records.version from ${records})`,
          ),
        ),
    ),
    // One lookup in the index per queue, however many names wait there.
    queues: prepare(
      db
        .select({ queue: sql<string>`queue` })
        .from(
          sql`(with recursive found as (${nextQueue(sql`''`)} union all select (${nextQueue(sql`found.queue`)}) from found where found.queue is not null) select queue, (select min(${a.dueAt}) from ${a} where ${a.queue} = found.queue) as since from found where queue is not null) as queues`,
        )
        .orderBy(sql`since`, sql`queue`),
    ),
    leave: prepare(
      db
        .update(a)
        .set({ queue: '', version })
        .where(
          sql`(${a.tenant}, ${a.name}) in (select ${a.tenant}, ${a.name} from ${a} where ${eq(a.queue, $('queue'))} order by ${a.chain} is null, ${a.dueAt} limit ${$('limit')})`,
        )
        .returning({ name: a.name }),
    ),
  };
}

export function dueNames(kit: Kit): DueNames {
  const q = statements(kit);
  const { driver } = kit;
  return {
    due: (now, limit) => all(kit, q.due, { now, limit }),
    async enqueue(rows) {
      const groups = Map.groupBy(rows, ({ queue, reason }) => JSON.stringify([queue, reason]));
      const batch = [...groups.values()].map((group) => {
        const { queue, reason } = group[0]!;
        const records = group.map(({ tenant, name, version }) => ({ tenant, name, version: String(version) }));
        return q.enqueue.with({ queue, reason, records: JSON.stringify(records) });
      });
      await driver.batch(batch);
    },
    queues: async () => (await all(kit, q.queues, {})).map(({ queue }) => queue),
    leaveQueue: async (queue, limit) => (await driver.batch([q.leave.with({ queue, limit })]))[0]!.length,
  };
}
