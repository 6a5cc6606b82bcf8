import type { EndpointState } from '../../wire/endpoint-health.ts';
import type { Context } from '../context.ts';
import { isConnected } from '../status/connected.ts';
import { readUpstream } from './upstream.ts';

/** The largest number of rows that are read, and of endpoints in a response. */
const MOST = 10_000;

interface Health extends Omit<EndpointState, 'since'> {
  subset?: string;
  fleet: string;
  node: string;
  since: string;
}

/**
 * Reads the health of the endpoints of an upstream on each connected node.
 *
 * @throws Problem `not-found` when there is no such upstream
 */
export async function health(
  ctx: Context,
  { tenant, upstream }: { tenant: string; upstream: string },
): Promise<Health[]> {
  await readUpstream(ctx, tenant, upstream);
  const rows = await ctx.store.endpointHealth.of(tenant, upstream, MOST);
  return rows
    .filter((row) => isConnected(ctx.services, row))
    .flatMap(({ fleet, node, subset, endpoints }) =>
      endpoints.map(({ address, port, state, reason, since }) => ({
        ...{ address, port },
        ...(subset !== '' && { subset }),
        ...{ fleet, node, state },
        ...(reason !== undefined && { reason }),
        since: new Date(since).toISOString(),
      })),
    )
    .slice(0, MOST);
}
