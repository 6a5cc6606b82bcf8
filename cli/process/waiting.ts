import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from './failure.ts';

/**
 * Asks again until there is an answer.
 *
 * @param attempt answers undefined, or throws, for as long as it is not there yet
 * @throws Failure after `seconds`, with what was thrown last; the signal's reason when it aborts
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
  throw new Failure(`${what}: not within ${seconds} s${why}.`, details?.() ?? []);
}
