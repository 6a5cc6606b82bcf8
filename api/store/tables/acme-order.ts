import { declare } from './declare.ts';

/** The orders at the certificate authority that count towards its limits. */
export const acmeOrder = declare(({ table, text, integer, index }) =>
  table(
    'acme_order',
    {
      id: text('id').primaryKey(),
      tenant: text('tenant').notNull(),
      /** The registered domain of the name (`example.co.uk`), for which authorities have a limit. */
      domain: text('domain').notNull(),
      at: integer('at').notNull(),
    },
    (t) => [index('acme_order_at').on(t.at)],
  ),
).with({
  // The authority counts the orders of a removed tenant, too.
  tenant: 'kept',
  strays: 'all',
  copied: true,
  doctor: 'not examined: it expires within seven days',
});
