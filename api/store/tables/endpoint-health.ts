import { declare } from './declare.ts';

/** The health of the endpoints of an upstream or subset on one node, as its agent reported it. */
export const endpointHealth = declare(({ table, text, integer, primaryKey, index }) =>
  table(
    'endpoint_health',
    {
      fleet: text('fleet').notNull(),
      node: text('node').notNull(),
      tenant: text('tenant').notNull(),
      upstream: text('upstream').notNull(),
      /** Empty for the whole upstream. */
      subset: text('subset').notNull(),
      /** A JSON array of endpoints with their states. */
      endpoints: text('endpoints').notNull(),
      reportedAt: integer('reported_at').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.fleet, t.node, t.tenant, t.upstream, t.subset] }),
      index('endpoint_health_upstream').on(t.tenant, t.upstream),
    ],
  ),
).with({
  tenant: 'deleted',
  fleet: 'deleted',
  copied: false,
  doctor: 'not examined: agents report it again',
  isEmptiedByRestore: true,
});
