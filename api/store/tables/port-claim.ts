import { declare } from './declare.ts';

export const portClaim = declare(({ table, text, index, primaryKey }) =>
  table(
    'port_claim',
    {
      fleet: text('fleet').notNull(),
      /** The transport protocol and the number that tenants write: `tcp/5432`. */
      port: text('port').notNull(),
      tenant: text('tenant').notNull(),
    },
    (t) => [primaryKey({ columns: [t.fleet, t.port] }), index('port_claim_tenant').on(t.tenant)],
  ),
).with({
  tenant: 'deleted',
  fleet: 'deleted',
  copied: true,
  doctor: 'examined',
});
