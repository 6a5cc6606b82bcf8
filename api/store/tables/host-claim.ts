import { declare } from './declare.ts';

export const hostClaim = declare(({ table, text, index }) =>
  table(
    'host_claim',
    {
      host: text('host').primaryKey(),
      tenant: text('tenant').notNull(),
      /**
       * The host with its labels in reverse order (`com.example.*`), so that all hosts below a wildcard are one range.
       */
      reversed: text('reversed').notNull(),
    },
    (t) => [index('host_claim_reversed').on(t.reversed), index('host_claim_tenant').on(t.tenant)],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
