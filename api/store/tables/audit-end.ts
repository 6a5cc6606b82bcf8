import { declare } from './declare.ts';

/** The ends of the audit chains that do not belong to a tenant. The end of a tenant's chain is in the tenant's row. */
export const auditEnd = declare(({ table, text, integer }) =>
  table('audit_end', {
    chain: text('chain').primaryKey(),
    /** The number and the hash of the last entry, and the hash before it. */
    number: integer('number').notNull(),
    previous: text('previous').notNull(),
    hash: text('hash').notNull(),
    /** The number of the first entry whose retention period is not over. */
    oldest: integer('oldest').notNull().default(1),
  }),
).with({
  copied: true,
  doctor: 'examined',
});
