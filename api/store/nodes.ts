import { and, asc, eq, getTableColumns, gt, inArray, ne, type SQLWrapper, sql } from 'drizzle-orm';
import type { Behind, ListenerRejection } from '../../wire/feed.ts';
import type { NodeView } from '../fleets/schema.ts';
import type { Stored } from '../view.ts';
import { parts } from './parts.ts';
import { $, all, first, type Kit, type Page, prepare } from './query.ts';
import { type NodeRejection, saving } from './rejections.ts';

export interface Node extends Stored<Omit<NodeView, 'rejections' | 'contestedAt'>> {
  fleet: string;
  /** It serves every event up to this number, except events of the tenants in `behind`. At least `live`. */
  ahead: number;
  behind: Behind[];
  listenerRejections: ListenerRejection[];
}

/** A node as its agent reports it. */
export interface ReportedNode extends Node {
  /** A random id of the agent's process. Absent when the agent sends none. */
  process?: string;
  /** Whether the agent has two connected Envoys of this name. */
  isContested?: boolean;
}

/** A node without what it serves beyond `live`. */
export type ListedNode = Omit<Node, 'ahead' | 'behind'> & { contestedAt?: number };

/** What the states of revisions and fleets depend on: the connected nodes of a fleet, taken together. */
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

/** The nodes (Envoys) of all fleets, as their agents report them. */
export interface Nodes {
  /** Stores the report of an agent: the progress of its nodes, and their rejections. */
  save(nodes: ReportedNode[], rejections: NodeRejection[]): Promise<void>;
  /** Reads one page of the nodes of a fleet, sorted by name. */
  list(fleet: string, page: Page): Promise<ListedNode[]>;
  /**
   * Reads nodes of a fleet, sorted by name. If there are more than `limit`, it reads connected nodes rather than
   * others, and then those that have progressed least.
   *
   * @param since connected nodes have reported after this time
   */
  late(fleet: string, since: number, limit: number): Promise<Omit<Node, 'listenerRejections'>[]>;
  /** Reads connected nodes of a fleet that do not serve all listeners, sorted by name. */
  refusing(
    fleet: string,
    since: number,
    limit: number,
  ): Promise<Pick<Node, 'fleet' | 'name' | 'lastSeenAt' | 'listenerRejections'>[]>;
  /** Adds up the connected nodes of a fleet: those that have reported after `since`. */
  together(fleet: string, since: number): Promise<NodesTogether>;
  /**
   * Lists the tenants in `behind` of the connected nodes of a fleet, each once, with its smallest number.
   *
   * @param most the largest number of different lists
   * @returns undefined when the nodes have more different lists
   */
  behind(fleet: string, since: number, most: number): Promise<Behind[] | undefined>;
  /** Returns those of these names that nodes of the fleet have. */
  known(fleet: string, names: readonly string[]): Promise<string[]>;
  /** Returns the number of nodes of a fleet. */
  count(fleet: string): Promise<number>;
  /** Deletes this many nodes of a fleet: those that were reported least recently. */
  forget(fleet: string, count: number): Promise<void>;
}

const COLUMNS = [
  ...(['fleet', 'name', 'agent', 'version', 'connected', 'acked', 'live'] as const),
  ...(['ahead', 'behind', 'lastSeenAt', 'process', 'isContested', 'listenerRejections'] as const),
];

/** The size of the nodes that one statement stores, in characters of JSON. Other requests run between two. */
const SLICE = 60_000;

function statements({ db, t, x }: Kit) {
  const n = t.node;
  const ofFleet = eq(n.fleet, $('fleet'));
  const isConnected = and(ofFleet, eq(n.connected, 1), gt(n.lastSeenAt, $('since')));
  const int = (column: (typeof COLUMNS)[number]) => sql.raw(`cast(records."${column}" as bigint)`);
  const isNamed = inArray(n.name, sql`(select ${sql.raw('item')} from ${x.items($('names'))})`);
  const { listenerRejections, process, formerProcess, contestedAt, drainedAt, ...progress } = getTableColumns(n);
  const { ahead: _, behind, ...listed } = progress;
  const serves = sql`case when ${n.ahead} > ${n.live} then ${n.ahead} else ${n.live} end`;
  const least = (of: SQLWrapper) => sql<number>`cast(coalesce(min(${of}), 0) as bigint)`;
  // Two processes that are connected to an Envoy of this name report in turn. After a restart, the former process is silent.
  const inTurn = sql`excluded.process <> '' and excluded.process <> ${process} and excluded.process = ${formerProcess} and excluded.connected = 1 and ${n.connected} = 1`;
  const lastFirst = sql`case when ${isConnected} then 0 else 1 end`;
  return {
    save: prepare(
      db
        .insert(n)
        .select(
          // SQLite needs a condition here, to tell the conflict clause from the condition of a join.
          sql`select records.fleet, records.name, records.agent, records.version, ${int('connected')}, ${int('acked')},
            ${int('live')}, ${int('ahead')}, records.behind, ${int('lastSeenAt')}, records.process, '',
            case when ${int('isContested')} = 1 then ${int('lastSeenAt')} end, cast(null as bigint), records."listenerRejections"
            from ${x.records($('records'), COLUMNS)} where true`,
        )
        .onConflictDoUpdate({
          target: [t.node.fleet, t.node.name],
          set: {
            agent: sql`excluded.agent`,
            version: sql`excluded.version`,
            connected: sql`excluded.connected`,
            acked: sql`excluded.acked`,
            live: sql`excluded.live`,
            ahead: sql`excluded.ahead`,
            behind: sql`excluded.behind`,
            lastSeenAt: sql`excluded.last_seen_at`,
            process: sql`excluded.process`,
            formerProcess: sql`case when excluded.process <> ${process} then ${process} else ${formerProcess} end`,
            contestedAt: sql`case when ${inTurn} then excluded.last_seen_at else coalesce(excluded.contested_at, ${contestedAt}) end`,
            listenerRejections: sql`excluded.listener_rejections`,
          },
          // A node may have connected to another agent before its former agent reports the disconnection.
          setWhere: sql`excluded.connected = 1 or ${t.node.agent} = excluded.agent`,
        }),
    ),
    nodes: prepare(
      db
        .select({ ...listed, contestedAt, listenerRejections })
        .from(n)
        .where(and(ofFleet, gt(n.name, $('after'))))
        .orderBy(asc(n.name))
        .limit($('limit')),
    ),
    late: prepare(
      db
        .select(progress)
        .from(n)
        .where(ofFleet)
        .orderBy(lastFirst, asc(n.live), asc(n.acked), asc(n.name))
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
          acked: least(n.acked),
          live: least(n.live),
          ahead: least(serves),
          reached: least(sql`case when ${n.acked} > ${n.live} then ${n.acked} else ${n.live} end`),
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
    known: prepare(db.select({ name: t.node.name }).from(t.node).where(and(ofFleet, isNamed))),
    count: prepare(db.select({ count: sql<number>`cast(count(*) as integer)` }).from(t.node).where(ofFleet)),
    forget: prepare(
      db
        .delete(t.node)
        .where(
          and(
            ofFleet,
            inArray(
              t.node.name,
              db
                .select({ name: t.node.name })
                .from(t.node)
                .where(ofFleet)
                .orderBy(asc(t.node.lastSeenAt), asc(t.node.name))
                .limit($('count')),
            ),
          ),
        ),
    ),
  };
}

export function nodes(kit: Kit): Nodes {
  const q = statements(kit);
  const rejected = saving(kit);
  return {
    async save(states, rejections) {
      if (states.length + rejections.length === 0) return;
      // A statement can store a row only once. The last report counts.
      const last = new Map(states.map((node) => [`${node.fleet}/${node.name}`, node]));
      const rows = [...last.values()].map((node) => ({
        ...node,
        agent: node.agent.toWellFormed(),
        name: node.name.toWellFormed(),
        version: node.version.toWellFormed(),
        connected: Number(node.connected),
        process: node.process?.toWellFormed() ?? '',
        isContested: Number(node.isContested ?? false),
        behind: JSON.stringify(node.behind),
        listenerRejections: JSON.stringify(node.listenerRejections),
      }));
      const statements = [...parts(rows, SLICE).map((records) => q.save.with({ records })), ...rejected(rejections)];
      // Agents repeat the progress of nodes every few seconds, so a report of progress may be lost. They report the end
      // of a rejection only until the API has accepted one report.
      const isRepeated = rejections.length === 0;
      await ((isRepeated && kit.driver.note?.(statements)) || kit.driver.batch(statements));
    },

    async list(fleet, { limit, after = '' }) {
      const rows = await all(kit, q.nodes, { fleet, limit, after });
      return rows.map(({ contestedAt, ...row }) => ({
        ...row,
        ...(contestedAt !== null && { contestedAt }),
        connected: row.connected === 1,
        listenerRejections: JSON.parse(row.listenerRejections),
      }));
    },

    async late(fleet, since, limit) {
      const rows = await all(kit, q.late, { fleet, since, limit });
      return rows
        .map((row) => ({ ...row, connected: row.connected === 1, behind: JSON.parse(row.behind) as Behind[] }))
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

    async known(fleet, names) {
      const rows = await all(kit, q.known, { fleet, names: JSON.stringify(names) });
      return rows.map(({ name }) => name);
    },

    async count(fleet) {
      return (await first(kit, q.count, { fleet }))?.count ?? 0;
    },

    async forget(fleet, count) {
      await kit.driver.batch([q.forget.with({ fleet, count })]);
    },
  };
}
