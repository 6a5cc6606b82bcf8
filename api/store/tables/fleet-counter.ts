import { declare } from './declare.ts';

/** One row. `seq` keeps the highest number of any removed fleet, so that a name used again never reuses a cursor. */
export const fleetCounter = declare(({ table, integer }) =>
  table('fleet_counter', {
    id: integer('id').primaryKey(),
    generation: integer('generation').notNull(),
    seq: integer('seq').notNull(),
  }),
).with({
  copied: true,
  doctor: 'not examined: any number is a right one',
});
