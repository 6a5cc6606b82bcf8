import { declare } from './declare.ts';

/**
 * Always empty. A batch inserts a null here when a condition does not hold: the violated column names the condition.
 */
export const guard = declare(({ table, integer }) =>
  table('guard', {
    version: integer('version').notNull(),
    head: integer('head').notNull(),
    fleets: integer('fleets').notNull(),
    host: integer('host').notNull(),
  }),
).with({
  copied: false,
  doctor: 'not examined: it is always empty',
});
