import { declare } from './declare.ts';

/**
 * A table that is always empty. When a condition is false, the batch inserts a null here and fails. The name of the
 * violated column is the name of the condition.
 */
export const guard = declare(({ table, integer }) =>
  table('guard', {
    version: integer('version').notNull(),
    head: integer('head').notNull(),
    fleets: integer('fleets').notNull(),
    host: integer('host').notNull(),
    owner: integer('owner').notNull().default(0),
    quota: integer('quota').notNull().default(0),
  }),
).with({
  copied: false,
  doctor: 'not examined: it is always empty',
});
