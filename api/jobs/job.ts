import type { Services } from '../context.ts';
import type { Settings } from '../settings.ts';

/** Periodic work. Of all processes on one database, one does it, once per interval. */
export interface Job {
  /** The key of its lease, and its label in logs and metrics. Never reuse the name of a job that was removed. */
  readonly name: string;
  /** Milliseconds from the start of a run to the start of the next one. */
  interval(settings: Settings): number;
  /**
   * Does the work that is due now.
   *
   * @param signal aborted when the process stops, the time is up or the lease is lost: return as soon as possible; what
   *   is left is done by the next run
   * @throws whatever fails; it is logged and counted, and the next run tries again
   */
  run(services: Services, signal: AbortSignal): Promise<void>;
}
