import type { Context } from './context.ts';
import { clientGone } from './problem.ts';

/**
 * Runs the heavy work of a read, one at a time per key, in the order of the requests. On Workers, where a request must
 * not wait for another one, it runs the work immediately.
 *
 * @param key names the work and its tenant
 * @param signal aborted when the client disconnects; the work then does not begin
 * @throws Problem `request-timeout` when the client has disconnected, and what `work` throws
 */
export function oneAtATime<T>(ctx: Context, key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const begin = async () => {
    if (signal.aborted) throw clientGone();
    return work();
  };
  return ctx.services.heavyReads?.run(key, begin) ?? begin();
}
