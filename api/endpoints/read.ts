import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { EndpointKey, RegisteredEndpoint } from '../store/endpoints.ts';
import { momentOf } from './moment.ts';

/**
 * Reads a registered endpoint.
 *
 * @throws Problem `not-found` when it is not registered or has expired
 */
export async function read(ctx: Context, key: EndpointKey): Promise<RegisteredEndpoint> {
  const found = await ctx.store.endpoints.find(key, momentOf(ctx.services));
  if (!found) throw notRegistered(key);
  return found;
}

/** Makes the problem for an endpoint that is not registered. */
export const notRegistered = ({ tenant, upstream, id }: EndpointKey) =>
  absent(`endpoint ${id} registered at upstreams/${upstream} in the tenant ${tenant}`);
