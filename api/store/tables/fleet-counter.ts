import { declare } from './declare.ts';

/**
 * A table with one row. Its `seq` is the highest feed number of all removed fleets, so that a new fleet with the name
 * of a removed one never reuses a cursor.
 */
export const fleetCounter = declare(({ table, integer }) =>
  table('fleet_counter', {
    id: integer('id').primaryKey(),
    generation: integer('generation').notNull(),
    seq: integer('seq').notNull(),
  }),
).with({
  copied: true,
  doctor: 'not examined: any number is valid',
});
