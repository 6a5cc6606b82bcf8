import type { Context } from '../context.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import type { EndpointKey } from '../store/endpoints.ts';

/**
 * The number of changes of one tenant's registered endpoints that are made at the same time. Each takes milliseconds when
 * there are many endpoints, and the requests of other tenants wait meanwhile. Several share one commit.
 */
const AT_ONCE = 3;

/**
 * Makes a change of a registered endpoint, after earlier ones of the tenant. Changes of one id are made in order.
 *
 * @param signal aborted when the client disconnects
 * @throws Problem `request-timeout` when the client has disconnected, and what `change` throws
 */
export function inTurn<T>(
  ctx: Context,
  { tenant, id }: EndpointKey,
  signal: AbortSignal,
  change: () => Promise<T>,
): Promise<T> {
  const lane = [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0) % AT_ONCE;
  return oneAtATime(ctx, `endpoints of ${tenant} ${lane}`, signal, change);
}
