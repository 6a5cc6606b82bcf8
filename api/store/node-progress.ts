import { and, asc, eq, gt, isNull, ne, type SQLWrapper, sql } from 'drizzle-orm';
import type { Behind } from '../../wire/feed.ts';
import type { Kept, Node } from './nodes.ts';
import { $, all, first, type Kit, prepare } from './query.ts';

/** A node with its progress. While two Envoys have its name, that is the progress that both have made. */
export type LateNode = Omit<Node, 'listenerRejections'> & Kept;

/** What the states of revisions and fleets depend on: the connected nodes of a fleet that are not drained, together. */
export interface NodesTogether {
  /** The number of connected nodes. */
  connected: number;
  /** Every connected node has acknowledged every event up to this number. */
  acked: number;
  /** Every connected node serves every event up to this number. */
  live: number;
  /** Every connected node serves every event up to this number, except events of some tenants. At least `live`. */
  ahead: number;
  /** Every connected node has acknowledged or serves every event up to this number. */
  reached: number;
  /** The number of connected nodes that do not serve all listeners. */
  refusing: number;
  /** The time of the last report. */
  latest: number;
}

/** What the connected nodes of a fleet have acknowledged and serve. */
export interface NodeProgress {
  /**
   * Reads nodes of a fleet, sorted by name. If there are more than `limit`, it reads connected nodes rather than
   * others, and then those that have progressed least.
   *
   * @param since connected nodes have reported after this time
   */
  late(fleet: string, since: number, limit: number): Promise<LateNode[]>;
  /** Reads connected nodes of a fleet that do not serve all listeners and are not drained, sorted by name. */
  refusing(
    fleet: string,
    since: number,
    limit: number,
  ): Promise<Pick<Node, 'fleet' | 'name' | 'lastSeenAt' | 'listenerRejections'>[]>;
  /** Adds up the connected nodes of a fleet: those that have reported after `since`, and are not drained. */
  together(fleet: string, since: number): Promise<NodesTogether>;
  /**
   * Lists the tenants in `behind` of the connected nodes of a fleet, each once, with its smallest number.
   *
   * @param most the largest number of different lists
   * @returns undefined when the nodes have more different lists
   */
  behind(fleet: string, since: number, most: number): Promise<Behind[] | undefined>;
}

function statements({ db, t }: Kit) {
  const n = t.node;
  const ofFleet = eq(n.fleet, $('fleet'));
  const isConnected = and(ofFleet, eq(n.connected, 1), gt(n.lastSeenAt, $('since')), isNull(n.drainedAt));
  const { fleet, name, agent, version, connected, lastSeenAt, behind, contestedAt, drainedAt } = n;
  const known = { fleet, name, agent, version, connected, lastSeenAt, contestedAt, drainedAt };
  // While two Envoys have one name, only what both have acknowledged or serve counts.
  const isContested = sql`${contestedAt} > ${$('since')}`;
  const ofBoth = (own: SQLWrapper, other: SQLWrapper) =>
    sql<number>`case when ${isContested} and ${other} < ${own} then ${other} else ${own} end`;
  const acked = ofBoth(n.acked, n.otherAcked);
  const live = ofBoth(n.live, n.otherLive);
  const serves = sql<number>`case when ${isContested} then ${live} when ${n.ahead} > ${n.live} then ${n.ahead} else ${n.live} end`;
  const least = (of: SQLWrapper) => sql<number>`cast(coalesce(min(${of}), 0) as bigint)`;
  const lastFirst = sql`case when ${isConnected} then 0 else 1 end`;
  return {
    late: prepare(
      db
        .select({ ...known, acked, live, ahead: serves, behind })
        .from(n)
        .where(ofFleet)
        .orderBy(lastFirst, asc(live), asc(acked), asc(n.name))
        .limit($('limit')),
    ),
    refusing: prepare(
      db
        .select({ fleet: n.fleet, name: n.name, lastSeenAt: n.lastSeenAt, listenerRejections: n.listenerRejections })
        .from(n)
        .where(and(isConnected, ne(n.listenerRejections, '[]')))
        .orderBy(asc(n.name))
        .limit($('limit')),
    ),
    together: prepare(
      db
        .select({
          connected: sql<number>`cast(count(*) as bigint)`,
          acked: least(acked),
          live: least(live),
          ahead: least(serves),
          reached: least(sql`case when ${acked} > ${live} then ${acked} else ${live} end`),
          refusing: sql<number>`cast(coalesce(sum(case when ${n.listenerRejections} <> '[]' then 1 else 0 end), 0) as bigint)`,
          latest: sql<number>`cast(coalesce(max(${n.lastSeenAt}), 0) as bigint)`,
        })
        .from(n)
        .where(isConnected),
    ),
    behind: prepare(
      db
        .selectDistinct({ behind })
        .from(n)
        .where(and(isConnected, ne(behind, '[]')))
        .limit($('limit')),
    ),
  };
}

export function nodeProgress(kit: Kit): NodeProgress {
  const q = statements(kit);
  return {
    async late(fleet, since, limit) {
      const rows = await all(kit, q.late, { fleet, since, limit });
      return rows
        .map(({ contestedAt, drainedAt, ...row }) => ({
          ...row,
          ...(contestedAt !== null && { contestedAt }),
          ...(drainedAt !== null && { drainedAt }),
          connected: row.connected === 1,
          behind: JSON.parse(row.behind) as Behind[],
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async refusing(fleet, since, limit) {
      const rows = await all(kit, q.refusing, { fleet, since, limit });
      return rows.map((row) => ({ ...row, listenerRejections: JSON.parse(row.listenerRejections) }));
    },

    async together(fleet, since) {
      return (await first(kit, q.together, { fleet, since }))!;
    },

    async behind(fleet, since, most) {
      const rows = await all(kit, q.behind, { fleet, since, limit: most + 1 });
      if (rows.length > most) return undefined;
      const tenants = new Map<string, number>();
      for (const { tenant, live } of rows.flatMap((row) => JSON.parse(row.behind) as Behind[]))
        tenants.set(tenant, Math.min(tenants.get(tenant) ?? live, live));
      return [...tenants].map(([tenant, live]) => ({ tenant, live }));
    },
  };
}
