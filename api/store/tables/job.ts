import { declare } from './declare.ts';

/** A table with one row per job that ever ran. The lease in the row decides which process runs the job. */
export const job = declare(({ table, text, integer }) =>
  table('job', {
    name: text('name').primaryKey(),
    /** The run that has the lease, or that had it last. */
    holder: text('holder').notNull(),
    /** The time at which the lease expires; 0 when the run has ended. */
    until: integer('until').notNull(),
    startedAt: integer('started_at').notNull(),
    finishedAt: integer('finished_at'),
    /** The number of failed runs since the last successful one. */
    failures: integer('failures').notNull(),
  }),
).with({
  copied: false,
  doctor: 'not examined: each run writes it again',
  isEmptiedByRestore: true,
});
