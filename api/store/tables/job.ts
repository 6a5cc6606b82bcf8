import { declare } from './declare.ts';

/** One row per job that ever ran. Its lease decides which process runs the job. */
export const job = declare(({ table, text, integer }) =>
  table('job', {
    name: text('name').primaryKey(),
    /** The run that holds the lease, or held it last. */
    holder: text('holder').notNull(),
    /** When the lease expires; 0 = the run has ended. */
    until: integer('until').notNull(),
    startedAt: integer('started_at').notNull(),
    finishedAt: integer('finished_at'),
    /** Number of runs since the last one that succeeded. */
    failures: integer('failures').notNull(),
  }),
).with({
  copied: false,
  doctor: 'not examined: each run writes it again',
  isEmptiedByRestore: true,
});
