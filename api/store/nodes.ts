import { and, asc, eq, gt, inArray, type SQLWrapper, sql } from 'drizzle-orm';
import type { Behind, DrainReport, ListenerRejection } from '../../wire/feed.ts';
import type { NodeView } from '../fleets/schema.ts';
import type { Stored } from '../view.ts';
import { type NodeDrains, nodeDrains } from './node-drains.ts';
import { type NodeProgress, nodeProgress } from './node-progress.ts';
import { parts } from './parts.ts';
import { $, all, first, type Kit, type Page, prepare } from './query.ts';
import { type NodeRejection, saving } from './rejections.ts';

export interface Node extends Stored<Omit<NodeView, 'rejections' | 'contestedAt' | 'contestedBy' | 'drain'>> {
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
  /** What the agent reports about the drain of the node. Absent when it reports nothing. */
  drain?: DrainReport;
}

/** What the store knows of a node beyond its progress. */
export interface Kept {
  /** The last time at which two Envoys had the name. */
  contestedAt?: number;
  /** The time since which the node shall take no new connections. */
  drainedAt?: number;
}

/** A node without what it serves beyond `live`. */
export interface ListedNode extends Omit<Node, 'ahead' | 'behind'>, Kept {
  /** The agent that reported the other Envoy of the name last. */
  otherAgent: string;
  drain?: DrainReport;
}

/** The nodes (Envoys) of all fleets, as their agents report them. */
export interface Nodes extends NodeProgress, NodeDrains {
  /** Stores the report of an agent: the progress of its nodes, and their rejections. */
  save(nodes: ReportedNode[], rejections: NodeRejection[]): Promise<void>;
  /** Reads one page of the nodes of a fleet, sorted by name. */
  list(fleet: string, page: Page): Promise<ListedNode[]>;
  /** Returns those of these names that nodes of the fleet have. */
  known(fleet: string, names: readonly string[]): Promise<string[]>;
  /** Returns the number of nodes of a fleet. */
  count(fleet: string): Promise<number>;
  /** Deletes this many nodes of a fleet: those that were reported least recently, and drained ones after all others. */
  forget(fleet: string, count: number): Promise<void>;
  /** Reads one node. */
  find(fleet: string, name: string): Promise<ListedNode | undefined>;
}

const COLUMNS = [
  ...(['fleet', 'name', 'agent', 'version', 'connected', 'acked', 'live'] as const),
  ...(['ahead', 'behind', 'lastSeenAt', 'process', 'isContested', 'drain', 'listenerRejections'] as const),
];

/** The size of the nodes that one statement stores, in characters of JSON. Other requests run between two. */
const SLICE = 60_000;

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const n = t.node;
  const ofFleet = eq(n.fleet, $('fleet'));
  const named = and(ofFleet, eq(n.name, $('name')));
  const int = (column: (typeof COLUMNS)[number]) => sql.raw(`cast(records."${column}" as bigint)`);
  const isNamed = inArray(n.name, sql`(select ${sql.raw('item')} from ${x.items($('names'))})`);
  const {
    listenerRejections,
    process,
    formerProcess,
    contestedAt,
    otherAcked,
    otherLive,
    otherAgent,
    drainedAt,
    drain,
  } = n;
  const { fleet, name, agent, version, connected, lastSeenAt } = n;
  const listed = {
    ...{ fleet, name, agent, version, connected, lastSeenAt, contestedAt, drainedAt },
    ...{ acked: n.acked, live: n.live, otherAgent, drain, listenerRejections },
  };
  // Two processes that are connected to an Envoy of this name report in turn. After a restart, the former process is
  // silent.
  const inTurn = sql`excluded.process <> '' and excluded.process <> ${process} and excluded.process = ${formerProcess} and excluded.connected = 1 and ${n.connected} = 1`;
  // The Envoy that the row does not describe: the one of the former process, or the second one of the same agent.
  const other = (before: SQLWrapper, kept: SQLWrapper, reported: SQLWrapper) =>
    sql`case when excluded.contested_at is not null then ${reported} when excluded.process <> ${process} then ${before} else ${kept} end`;
  return {
    save: prepare(
      db
        .insert(n)
        .select(
          // SQLite needs a condition here, to tell the conflict clause from the condition of a join.
          sql`select records.fleet, records.name, records.agent, records.version, ${int('connected')}, ${int('acked')},
            ${int('live')}, ${int('ahead')}, records.behind, ${int('lastSeenAt')}, records.process, '',
            case when ${int('isContested')} = 1 then ${int('lastSeenAt')} end, ${int('acked')}, ${int('live')}, records.agent,
            cast(null as bigint), records.drain, records."listenerRejections"
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
            otherAcked: other(n.acked, otherAcked, sql`excluded.acked`),
            otherLive: other(n.live, otherLive, sql`excluded.live`),
            otherAgent: other(n.agent, otherAgent, sql`excluded.agent`),
            // What an Envoy that is gone reported last remains.
            drain: sql`case when excluded.connected = 1 then excluded.drain else coalesce(excluded.drain, ${drain}) end`,
            listenerRejections: sql`excluded.listener_rejections`,
          },
          // A node may have connected to another agent before its former agent reports the disconnection.
          setWhere: sql`excluded.connected = 1 or ${t.node.agent} = excluded.agent`,
        }),
    ),
    nodes: prepare(
      db
        .select(listed)
        .from(n)
        .where(and(ofFleet, gt(n.name, $('after'))))
        .orderBy(asc(n.name))
        .limit($('limit')),
    ),
    get: prepare(db.select(listed).from(n).where(named)),
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
                .orderBy(
                  sql`case when ${drainedAt} is null then 0 else 1 end`,
                  asc(t.node.lastSeenAt),
                  asc(t.node.name),
                )
                .limit($('count')),
            ),
          ),
        ),
    ),
  };
}

/** Leaves out the times that are null, and decodes the members that are stored as JSON. */
function readListed({
  contestedAt,
  drainedAt,
  drain,
  connected,
  listenerRejections,
  ...row
}: ReturnType<ReturnType<typeof statements>['get']['rows']>[number]): ListedNode {
  return {
    ...row,
    ...(contestedAt !== null && { contestedAt }),
    ...(drainedAt !== null && { drainedAt }),
    ...(drain !== null && { drain: JSON.parse(drain) as DrainReport }),
    connected: connected === 1,
    listenerRejections: JSON.parse(listenerRejections),
  };
}

export function nodes(kit: Kit): Nodes {
  const q = statements(kit);
  const rejected = saving(kit);
  return {
    ...nodeProgress(kit),
    ...nodeDrains(kit),

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
        drain: node.drain ? JSON.stringify(node.drain) : null,
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
      return (await all(kit, q.nodes, { fleet, limit, after })).map(readListed);
    },

    async find(fleet, name) {
      const row = await first(kit, q.get, { fleet, name });
      return row && readListed(row);
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
