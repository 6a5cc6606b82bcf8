import { declare } from './declare.ts';

/** The plans. The plan `default` has a row only if an operator has changed it. */
export const plan = declare(({ table, text, integer }) =>
  table('plan', {
    name: text('name').primaryKey(),
    description: text('description').notNull(),
    /** The quotas that differ from the settings, as a JSON object of numbers. */
    quotas: text('quotas').notNull(),
    createdAt: integer('created_at').notNull(),
    version: integer('version').notNull(),
  }),
).with({
  copied: true,
  doctor: 'not examined: a plan that lacks a quota has the one of the settings',
});
