import { and, asc, eq, lte, sql } from 'drizzle-orm';
import { $, $int, all, type Kit, parameters, prepare } from './query.ts';

/** One run of a job that requests the lease of the job. Times are milliseconds since 1970. */
interface Claimant {
  /** A random id of the run. */
  holder: string;
  now: number;
  /** The time at which the lease expires unless it is renewed. */
  until: number;
  /** The job is due when its last run started at this time or earlier. */
  dueAfter: number;
}

/** The latest result of a job, in any process. */
interface JobState {
  name: string;
  startedAt: number;
  /** Null until the first run has ended. */
  finishedAt: number | null;
  /** The number of failed runs since the last successful one. */
  failures: number;
}

/** The leases of periodic jobs. They ensure that only one process runs a job, once per interval. */
export interface Jobs {
  /**
   * Acquires the lease of a job that is due, in one statement.
   *
   * @returns false when the job is not due, or another run has the lease
   */
  acquire(name: string, claimant: Claimant): Promise<boolean>;
  /**
   * Extends the lease of a run.
   *
   * @returns false when the lease expired and another run acquired it
   */
  renew(name: string, holder: string, until: number): Promise<boolean>;
  /** Returns the lease and records the end of the run. Has no effect when another run has acquired the lease. */
  finish(name: string, holder: string, at: number, outcome: 'succeeded' | 'failed'): Promise<void>;
  /** Lists every job that ever ran, sorted by name. */
  list(): Promise<JobState[]>;
}

function statements({ db, t }: Kit) {
  const { name, holder, until, startedAt, finishedAt, failures } = t.job;
  const mine = and(eq(name, $('name')), eq(holder, $('holder')))!;
  return {
    acquire: prepare(
      db
        .insert(t.job)
        .values({ ...parameters('name', 'holder', 'until'), startedAt: $('now'), failures: 0 })
        .onConflictDoUpdate({
          target: name,
          set: { holder: sql`excluded.holder`, until: sql`excluded.until`, startedAt: sql`excluded.started_at` },
          setWhere: and(lte(until, $('now')), lte(startedAt, $('dueAfter')))!,
        })
        .returning({ name }),
    ),
    renew: prepare(
      db
        .update(t.job)
        .set({ until: sql`${$('until')}` })
        .where(mine)
        .returning({ name }),
    ),
    finish: prepare(
      db
        .update(t.job)
        .set({
          until: 0,
          finishedAt: sql`${$('at')}`,
          failures: sql`case when ${$int('failed')} = 1 then ${failures} + 1 else 0 end`,
        })
        .where(mine),
    ),
    list: prepare(db.select({ name, startedAt, finishedAt, failures }).from(t.job).orderBy(asc(name))),
  };
}

export function jobs(kit: Kit): Jobs {
  const q = statements(kit);
  const { driver } = kit;
  return {
    async acquire(name, claimant) {
      const [taken] = await driver.batch([q.acquire.with({ name, ...claimant })]);
      return taken!.length > 0;
    },
    async renew(name, holder, until) {
      const [renewed] = await driver.batch([q.renew.with({ name, holder, until })]);
      return renewed!.length > 0;
    },
    async finish(name, holder, at, outcome) {
      await driver.batch([q.finish.with({ name, holder, at, failed: outcome === 'failed' ? 1 : 0 })]);
    },
    list: () => all(kit, q.list, {}),
  };
}
