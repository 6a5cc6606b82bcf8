import type { Context } from '../context.ts';
import { looking } from '../publishing/attempt.ts';
import type { EndpointKey } from '../store/endpoints.ts';
import { inTurn } from './at-once.ts';
import { momentOf } from './moment.ts';
import { notRegistered } from './read.ts';
import { write } from './write.ts';

/**
 * Removes a registered endpoint.
 *
 * @param signal aborted when the client disconnects
 * @throws Problem `not-found` when it is not registered or has expired
 */
export function remove(ctx: Context, key: EndpointKey, signal: AbortSignal): Promise<void> {
  const { tenant, upstream, id } = key;
  const change = () =>
    looking(ctx, tenant, async (basis) => {
      await basis.load();
      if (!(await ctx.store.endpoints.find(key, momentOf(ctx.services)))) throw notRegistered(key);
      const audit = ctx.audit('unregister', `tenants/${tenant}/upstreams/${upstream}/endpoints/${id}`);
      await write(ctx.services, basis, { puts: [], removes: [{ upstream, id }], audit });
    });
  return inTurn(ctx, key, signal, change);
}
