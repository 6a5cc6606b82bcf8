import { declare } from './declare.ts';

/** The tenants whose gateways the routes of another tenant name, whether or not it has attached a host to them. */
export const gatewayOwner = declare(({ table, text, index, primaryKey }) =>
  table(
    'gateway_owner',
    {
      tenant: text('tenant').notNull(),
      /** The tenant that owns the gateways. It need not exist. */
      owner: text('owner').notNull(),
    },
    (t) => [primaryKey({ columns: [t.tenant, t.owner] }), index('gateway_owner_owner').on(t.owner)],
  ),
).with({ tenant: 'deleted', copied: true, doctor: 'examined' });
