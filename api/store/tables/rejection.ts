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
      /** When its node last reported it; it stands as long as that is the node's last report. 0 = it is over. */
      seenAt: integer('seen_at').notNull().default(0),
      /** 1 = nobody refused it: what it changed was changed again before it was sent. */
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
