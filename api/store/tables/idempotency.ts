import { declare } from './declare.ts';

export const idempotency = declare(({ table, text, integer, primaryKey, index }) =>
  table(
    'idempotency',
    {
      owner: text('owner').notNull(),
      key: text('key').notNull(),
      requestHash: text('request_hash').notNull(),
      status: integer('status').notNull(),
      headers: text('headers').notNull(),
      body: text('body').notNull(),
      createdAt: integer('created_at').notNull(),
    },
    (t) => [primaryKey({ columns: [t.owner, t.key] }), index('idempotency_created').on(t.createdAt)],
  ),
).with({
  copied: true,
  doctor: 'not examined: it expires within a day',
});
