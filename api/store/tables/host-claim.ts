import { declare } from './declare.ts';

export const hostClaim = declare(({ table, text, index }) =>
  table(
    'host_claim',
    {
      host: text('host').primaryKey(),
      tenant: text('tenant').notNull(),
      /** The labels from the top level down (`com.example.*`), so that everything under a wildcard is one range. */
      reversed: text('reversed').notNull(),
    },
    (t) => [index('host_claim_reversed').on(t.reversed), index('host_claim_tenant').on(t.tenant)],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
