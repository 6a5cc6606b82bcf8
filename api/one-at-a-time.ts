import type { Context } from './context.ts';
import { Problem } from './problem.ts';

/**
 * Runs the heavy work of a read when no other work with the same key runs, in the order of the requests. Where a
 * request may not wait for another one (on Workers), it runs at once.
 *
 * @param key names the work and its tenant
 * @param signal aborted when the client disconnects; the work then does not begin
 * @throws Problem `request-timeout` when the client has disconnected, and what `work` throws
 */
export function oneAtATime<T>(ctx: Context, key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const begin = async () => {
    if (signal.aborted) throw new Problem('request-timeout', { detail: 'the client closed the connection' });
    return work();
  };
  return ctx.services.heavyReads?.take(key, begin) ?? begin();
}
