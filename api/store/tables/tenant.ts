import { declare } from './declare.ts';

export const tenant = declare(({ table, text, integer }) =>
  table('tenant', {
    name: text('name').primaryKey(),
    displayName: text('display_name').notNull(),
    labels: text('labels').notNull(),
    revision: integer('revision').notNull(),
    /**
     * The id of the head revision. Another revision of the same number has another id. It is empty in rows that were
     * written before this column existed.
     */
    head: text('head').notNull().default(''),
    createdAt: integer('created_at').notNull(),
    version: integer('version').notNull(),
    /** The first revision that is complete. The content of earlier revisions has been pruned. */
    oldest: integer('oldest').notNull().default(1),
    /** The number and the hash of the last entry of the tenant's audit chain, and the hash before it. */
    auditNumber: integer('audit_number').notNull().default(0),
    auditPrevious: text('audit_previous').notNull().default(''),
    auditHash: text('audit_hash').notNull().default(''),
    /** The number of the first entry of that chain whose retention period is not over. */
    auditOldest: integer('audit_oldest').notNull().default(1),
    /** The name of the plan that decides the quotas. */
    plan: text('plan').notNull().default('default'),
    /** When and why an operator suspended the tenant; null when it is not suspended. */
    suspendedAt: integer('suspended_at'),
    suspendedReason: text('suspended_reason'),
    /** When the deletion of the tenant was requested; null when it was not. */
    deletedAt: integer('deleted_at'),
  }),
).with({
  copied: true,
  doctor: 'examined',
});
