import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from './failure.ts';

/**
 * Repeats an attempt until it succeeds.
 *
 * @param what what did not happen, as the start of the error message, such as `The API did not become ready`
 * @param attempt resolves to undefined, or throws, if it should be repeated
 * @throws Failure after `seconds`, with the last error of `attempt`; the signal's reason when the signal aborts
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  { seconds, signal, details }: { seconds: number; signal: AbortSignal; details?: () => string[] },
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    try {
      const found = await attempt();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  signal.throwIfAborted();
  const why = last instanceof Error ? ` (${last.message})` : '';
  throw new Failure(`${what} within ${seconds} s${why}.`, details?.() ?? []);
}
