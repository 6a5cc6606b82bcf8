import { declare } from './declare.ts';

export const tenant = declare(({ table, text, integer }) =>
  table('tenant', {
    name: text('name').primaryKey(),
    displayName: text('display_name').notNull(),
    labels: text('labels').notNull(),
    revision: integer('revision').notNull(),
    /**
     * Id of the head revision: another revision of the same number has another id. Empty = the row was written before
     * this column existed.
     */
    head: text('head').notNull().default(''),
    createdAt: integer('created_at').notNull(),
    version: integer('version').notNull(),
    /** The first revision that is complete: the content of earlier ones has been pruned. */
    oldest: integer('oldest').notNull().default(1),
  }),
).with({
  copied: true,
  doctor: 'examined',
});
