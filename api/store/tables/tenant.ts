import { declare } from './declare.ts';

export const tenant = declare(({ table, text, integer }) =>
  table('tenant', {
    name: text('name').primaryKey(),
    displayName: text('display_name').notNull(),
    labels: text('labels').notNull(),
    revision: integer('revision').notNull(),
    /**
     * Which revision that is: another one of the same number has another id. Empty = a version before this column
     * wrote it.
     */
    head: text('head').notNull().default(''),
    createdAt: integer('created_at').notNull(),
    version: integer('version').notNull(),
    /** The first revision that is still whole: what only earlier ones held has been pruned. */
    oldest: integer('oldest').notNull().default(1),
  }),
).with({
  copied: true,
  doctor: 'examined',
});
