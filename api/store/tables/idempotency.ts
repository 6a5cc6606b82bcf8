import { declare } from './declare.ts';

export const idempotency = declare(({ table, text, integer, primaryKey, index }) =>
  table(
    'idempotency',
    {
      owner: text('owner').notNull(),
      key: text('key').notNull(),
      /** The tenant or the fleet in the path of the request. */
      tenant: text('tenant'),
      fleet: text('fleet'),
      requestHash: text('request_hash').notNull(),
      status: integer('status').notNull(),
      headers: text('headers').notNull(),
      body: text('body').notNull(),
      createdAt: integer('created_at').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.owner, t.key] }),
      index('idempotency_created').on(t.createdAt),
      index('idempotency_tenant').on(t.tenant),
      index('idempotency_fleet').on(t.fleet),
    ],
  ),
).with({
  // A reply about a removed tenant or fleet must not answer a request to a later one of the same name.
  tenant: 'deleted',
  fleet: 'deleted',
  copied: true,
  doctor: 'not examined: it expires within a day',
  // A request may reserve its key just after the tenant was removed.
  strays: 'all',
});
