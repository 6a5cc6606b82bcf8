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
