import { declare } from './declare.ts';

/** The endpoints that processes have registered at upstreams. They belong to no revision. */
export const registeredEndpoint = declare(({ table, text, integer, primaryKey, index }) =>
  table(
    'registered_endpoint',
    {
      tenant: text('tenant').notNull(),
      upstream: text('upstream').notNull(),
      id: text('id').notNull(),
      /** The endpoint as the feed contains it. */
      endpoint: text('endpoint').notNull(),
      /** The labels of the endpoint, sorted by key, by which subsets select it. */
      labels: text('labels').notNull(),
      /** The time from a renewal to the expiry, in milliseconds. */
      ttl: integer('ttl').notNull(),
      expiresAt: integer('expires_at').notNull(),
      registeredAt: integer('registered_at').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.upstream, t.id] }),
      index('registered_endpoint_expires').on(t.expiresAt),
    ],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'not examined: a row expires unless its process renews it',
});
