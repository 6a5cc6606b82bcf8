import { declare } from './declare.ts';

export const audit = declare(({ table, text, integer, serial, index }) =>
  table(
    'audit',
    {
      id: serial('id'),
      actor: text('actor').notNull(),
      action: text('action').notNull(),
      target: text('target').notNull(),
      at: integer('at').notNull(),
      requestId: text('request_id').notNull(),
      remote: text('remote').notNull(),
    },
    (t) => [index('audit_at').on(t.at)],
  ),
).with({
  copied: true,
  doctor: 'not examined: no other data depends on it',
});
