import type { Services } from '../context.ts';
import { jobs } from './index.ts';
import type { Job } from './job.ts';
import { runIfDue } from './run.ts';

/**
 * Starts one timer per job, which runs the job at its interval.
 *
 * @returns a function that stops the timers, and resolves when all running jobs have ended
 */
export function schedule(services: Services, all: readonly Job[] = jobs): () => Promise<void> {
  const stop = new AbortController();
  const ends = all.map((job) => {
    let running: Promise<void> | undefined;
    const timer = setInterval(() => {
      running ??= runIfDue(job, services, stop.signal)
        .catch((err: unknown) => services.log.warn({ job: job.name, err }, 'the lease of a job could not be used'))
        .finally(() => (running = undefined));
    }, job.interval(services.settings));
    return async () => {
      clearInterval(timer);
      await running;
    };
  });
  return async () => {
    stop.abort();
    await Promise.all(ends.map((end) => end()));
  };
}

/**
 * Runs all jobs that are due, one after the other. It is for platforms that start the process at intervals, such as
 * Workers.
 *
 * @param stop aborted when the time is over
 */
export async function runDue(services: Services, stop: AbortSignal): Promise<void> {
  for (const job of jobs) if (!stop.aborted) await runIfDue(job, services, stop);
}
