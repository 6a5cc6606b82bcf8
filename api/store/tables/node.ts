import { declare } from './declare.ts';

export const node = declare(({ table, text, integer, primaryKey }) =>
  table(
    'node',
    {
      fleet: text('fleet').notNull(),
      name: text('name').notNull(),
      agent: text('agent').notNull(),
      version: text('version').notNull(),
      connected: integer('connected').notNull(),
      acked: integer('acked').notNull(),
      live: integer('live').notNull(),
      /** The node serves every event up to this number, except events of the tenants in `behind`. */
      ahead: integer('ahead').notNull().default(0),
      /** The tenants of which the node serves only the events up to a smaller number, as JSON. */
      behind: text('behind').notNull().default('[]'),
      lastSeenAt: integer('last_seen_at').notNull(),
      /** A random id of the agent's process; empty when the agent sends none. */
      process: text('process').notNull().default(''),
      /** The process that reported the node before that one. */
      formerProcess: text('former_process').notNull().default(''),
      /** The last time at which two processes reported the node in turn, so that two Envoys must have its name. */
      contestedAt: integer('contested_at'),
      /** What the other Envoy of the name had acknowledged and served then, and its agent. */
      otherAcked: integer('other_acked').notNull().default(0),
      otherLive: integer('other_live').notNull().default(0),
      otherAgent: text('other_agent').notNull().default(''),
      /** The time since which the node shall take no new connections. */
      drainedAt: integer('drained_at'),
      /** What the agent reports about the drain, as JSON. Null when it reports nothing. */
      drain: text('drain'),
      /** The listeners that the node does not serve, with the reasons, as JSON. */
      listenerRejections: text('listener_rejections').notNull().default('[]'),
    },
    (t) => [primaryKey({ columns: [t.fleet, t.name] })],
  ),
).with({
  fleet: 'deleted',
  copied: true,
  doctor: 'not examined: agents report it again every few seconds',
  isEmptiedByRestore: true,
});
