import type { Services } from '../context.ts';
import type { Settings } from '../settings.ts';

/** Periodic work. Of all processes on one database, one does it, once per interval. */
export interface Job {
  /** The key of the lease, and the label in logs and metrics. A new job must not reuse the name of a removed one. */
  readonly name: string;
  /** Returns the time from the start of a run to the start of the next one, in milliseconds. */
  interval(settings: Settings): number;
  /**
   * Does the work that is due now.
   *
   * @param signal aborted when the process stops, the time is over, or the lease is lost. The job must then return as
   *   soon as possible; the next run does the rest.
   * @throws any error; the caller logs and counts it, and the next run tries again
   */
  run(services: Services, signal: AbortSignal): Promise<void>;
}
