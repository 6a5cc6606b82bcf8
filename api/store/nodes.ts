import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { ListenerRejection } from '../../wire/feed.ts';
import type { NodeView } from '../fleets/schema.ts';
import type { Stored } from '../view.ts';
import { $, all, first, type Kit, parameters, prepare } from './query.ts';
import { type NodeRejection, rejection } from './rejections.ts';

export interface Node extends Stored<Omit<NodeView, 'rejections'>> {
  fleet: string;
  listenerRejections: ListenerRejection[];
}

/** The nodes (Envoys) of all fleets, as their agents report them. */
export interface Nodes {
  /** Stores the report of an agent: the progress of its nodes, and their rejections. */
  save(nodes: Node[], rejections: NodeRejection[]): Promise<void>;
  /** Reads the nodes of a fleet, sorted by name. */
  list(fleet: string): Promise<Node[]>;
  /** Returns those of these names that nodes of the fleet have. */
  known(fleet: string, names: readonly string[]): Promise<string[]>;
  /** Returns the number of nodes of a fleet. */
  count(fleet: string): Promise<number>;
  /** Deletes this many nodes of a fleet: those that were reported least recently. */
  forget(fleet: string, count: number): Promise<void>;
}

function statements({ db, t, x }: Kit) {
  const ofFleet = eq(t.node.fleet, $('fleet'));
  return {
    save: prepare(
      db
        .insert(t.node)
        .values(
          parameters(
            'fleet',
            'name',
            'agent',
            'version',
            'connected',
            'acked',
            'live',
            'lastSeenAt',
            'listenerRejections',
          ),
        )
        .onConflictDoUpdate({
          target: [t.node.fleet, t.node.name],
          set: {
            agent: sql`excluded.agent`,
            version: sql`excluded.version`,
            connected: sql`excluded.connected`,
            acked: sql`excluded.acked`,
            live: sql`excluded.live`,
            lastSeenAt: sql`excluded.last_seen_at`,
            listenerRejections: sql`excluded.listener_rejections`,
          },
          // A node may have connected to another agent before its former agent reports the disconnection.
          setWhere: sql`excluded.connected = 1 or ${t.node.agent} = excluded.agent`,
        }),
    ),
    nodes: prepare(db.select().from(t.node).where(ofFleet).orderBy(asc(t.node.name))),
    known: prepare(
      db
        .select({ name: t.node.name })
        .from(t.node)
        .where(and(ofFleet, inArray(t.node.name, sql`(select ${sql.raw('item')} from ${x.items($('names'))})`))),
    ),
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
  const rejected = rejection(kit);
  return {
    async save(states, rejections) {
      if (states.length + rejections.length === 0) return;
      const statements = [
        ...states.map((node) =>
          q.save.with({
            ...node,
            connected: Number(node.connected),
            listenerRejections: JSON.stringify(node.listenerRejections),
          }),
        ),
        ...rejections.map(rejected),
      ];
      // Agents repeat the progress of nodes every few seconds, so a report of progress may be lost. They report the end
      // of a rejection only until the API has accepted one report.
      const isRepeated = rejections.length === 0;
      await ((isRepeated && kit.driver.note?.(statements)) || kit.driver.batch(statements));
    },

    async list(fleet) {
      const rows = await all(kit, q.nodes, { fleet });
      return rows.map((row) => ({
        ...row,
        connected: row.connected === 1,
        listenerRejections: JSON.parse(row.listenerRejections),
      }));
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
