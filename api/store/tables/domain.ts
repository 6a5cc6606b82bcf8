import { declare } from './declare.ts';
import { tenant } from './tenant.ts';

export const domain = declare((columns) => {
  const { table, text, integer, index, primaryKey, foreignKey } = columns;
  return table(
    'domain',
    {
      tenant: text('tenant').notNull(),
      /** The domain in A-labels, without a trailing dot. */
      name: text('name').notNull(),
      reversed: text('reversed').notNull(),
      /** What the record that proves the domain must contain. A later claim of the same tenant has another token. */
      token: text('token').notNull(),
      /** The name, while the tenant holds the domain. The unique key gives each domain to one tenant. */
      held: text('held').unique(),
      createdAt: integer('created_at').notNull(),
      /** When a check last found the proof. */
      provenAt: integer('proven_at'),
      /** Since when the proof of a held domain is missing. */
      missingSince: integer('missing_since'),
      checkedAt: integer('checked_at'),
      /** Null when the domain is no longer checked without a request. */
      nextCheckAt: integer('next_check_at'),
      /** The number of checks that did not find the proof, since the last one that did. */
      failures: integer('failures').notNull(),
      /** The result of the last check, in words. */
      reason: text('reason'),
      /** 1 when no other tenant keeps unproven hosts of the held domain; 0 while a job still has to remove them. */
      cleared: integer('cleared').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.name] }),
      foreignKey({ columns: [t.tenant], foreignColumns: [tenant.define(columns).name] }).onDelete('cascade'),
      index('domain_reversed').on(t.reversed),
      index('domain_next_check').on(t.nextCheckAt),
    ],
  );
}).with({
  tenant: 'cascaded',
  copied: true,
  doctor: 'examined',
});
