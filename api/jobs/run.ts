import type { Services } from '../context.ts';
import type { Job } from './job.ts';

/** The time after which a lease expires unless the run renews it, in milliseconds. */
const LEASE_MS = 60_000;
/** The interval at which a run renews its lease, in milliseconds. */
const RENEW_MS = LEASE_MS / 3;
/** The part of its interval by which a job may run early, because timers and clocks are not exact. */
const EARLY = 0.1;

/**
 * Runs a job if it is due and no other process is running it. It records the run in the database, the metrics and the
 * log, and never throws an error of the job.
 *
 * @param stop aborted when the run must end
 */
export async function runIfDue(job: Job, services: Services, stop: AbortSignal): Promise<void> {
  const { store, settings, clock, log, metrics } = services;
  const { name } = job;
  const holder = crypto.randomUUID();
  const now = clock();
  const dueAfter = Math.floor(now - job.interval(settings) * (1 - EARLY));
  if (!(await store.jobs.acquire(name, { holder, now, until: now + LEASE_MS, dueAfter }))) return;
  const lease = keepLease(services, name, holder);
  let outcome: 'succeeded' | 'failed' = 'succeeded';
  try {
    await job.run(services, AbortSignal.any([stop, lease.lost]));
  } catch (err) {
    outcome = 'failed';
    log.warn({ job: name, err }, 'a job failed');
  } finally {
    lease.end();
  }
  const ms = clock() - now;
  metrics.record('jobRuns', [name, outcome], 1);
  metrics.record('jobSeconds', [name], ms / 1000);
  log.debug({ job: name, outcome, ms }, 'a job ran');
  await store.jobs.finish(name, holder, clock(), outcome);
}

/**
 * Renews a lease at intervals until `end` is called. `lost` is aborted when another run may have the lease, so that
 * two runs never work at the same time for long.
 */
function keepLease({ store, clock }: Services, name: string, holder: string): { lost: AbortSignal; end(): void } {
  const lost = new AbortController();
  let until = clock() + LEASE_MS;
  const renew = async () => {
    const next = clock() + LEASE_MS;
    if (await store.jobs.renew(name, holder, next)) until = next;
    else lost.abort();
  };
  const timer = setInterval(() => {
    // If the database does not answer, the lease remains valid until it expires.
    renew().catch(() => clock() > until && lost.abort());
  }, RENEW_MS);
  return { lost: lost.signal, end: () => clearInterval(timer) };
}
