import { declare } from './declare.ts';

/** The hosts that routes of a tenant attach to shared gateways of another tenant, the owner. */
export const attachedHost = declare(({ table, text, index, primaryKey }) =>
  table(
    'attached_host',
    {
      owner: text('owner').notNull(),
      host: text('host').notNull(),
      tenant: text('tenant').notNull(),
      /** The host with its labels in reverse order, as in `host_claim`. */
      reversed: text('reversed').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.owner, t.host] }),
      index('attached_host_tenant').on(t.tenant),
      index('attached_host_reversed').on(t.owner, t.reversed),
    ],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
