import type { Services } from '../context.ts';
import { jobs } from './index.ts';
import type { Job } from './job.ts';
import { runIfDue } from './run.ts';

/**
 * Runs every job at its interval, by a timer each.
 *
 * @returns stops the timers and resolves once the runs under way have ended
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
 * Runs the jobs that are due, one after the other, where the platform itself wakes the process.
 *
 * @param stop aborted when the time is up
 */
export async function runDue(services: Services, stop: AbortSignal): Promise<void> {
  for (const job of jobs) if (!stop.aborted) await runIfDue(job, services, stop);
}
