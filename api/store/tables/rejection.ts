import { declare } from './declare.ts';

export const rejection = declare(({ table, text, integer, primaryKey, index }) =>
  table(
    'rejection',
    {
      tenant: text('tenant').notNull(),
      revision: integer('revision').notNull(),
      fleet: text('fleet').notNull(),
      node: text('node').notNull(),
      resource: text('resource').notNull(),
      path: text('path').notNull(),
      message: text('message').notNull(),
      at: integer('at').notNull(),
      /**
       * The time at which the node last reported the rejection. The rejection is current as long as this equals the
       * time of the node's last report. It is 0 when the rejection has ended.
       */
      seenAt: integer('seen_at').notNull().default(0),
      /** 1 when Envoy rejected nothing, because a later revision overwrote the change before the agent sent it. */
      superseded: integer('superseded').notNull().default(0),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.revision, t.fleet, t.node, t.resource, t.path] }),
      index('rejection_fleet').on(t.fleet),
    ],
  ),
).with({
  tenant: 'deleted',
  fleet: 'deleted',
  copied: true,
  doctor: 'not examined: agents report it again, and it expires',
  // An agent may report a rejection just after the tenant was removed.
  strays: 'all',
});
