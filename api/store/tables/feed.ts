import { eq } from 'drizzle-orm';
import { declare } from './declare.ts';

export const feed = declare(({ table, text, integer, primaryKey, index }) =>
  table(
    'feed',
    {
      fleet: text('fleet').notNull(),
      seq: integer('seq').notNull(),
      tenant: text('tenant').notNull(),
      revision: integer('revision').notNull(),
      base: integer('base').notNull(),
      leaves: integer('leaves').notNull(),
      createdAt: integer('created_at').notNull(),
      /** A JSON array of the upstreams whose registered endpoints the row concerns. Null in nearly all rows. */
      upstreams: text('upstreams'),
      /** A JSON array of the names whose automatic certificates the row concerns. Null in nearly all rows. */
      issued: text('issued'),
    },
    (t) => [primaryKey({ columns: [t.fleet, t.seq] }), index('feed_tenant').on(t.tenant, t.revision)],
  ),
).with({
  tenant: 'deleted',
  fleet: 'deleted',
  copied: true,
  doctor: 'examined',
  isEmptiedByRestore: true,
  // The row that announces the removal of a tenant exists after the tenant is removed.
  strays: (t) => eq(t.revision, 0),
});
