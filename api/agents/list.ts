import type { Context } from '../context.ts';
import { requireFleet } from '../fleets/require-fleet.ts';
import { page } from '../paging.ts';
import type { Agent } from '../store/agents.ts';

/**
 * Reads one page of the agents that enrolled in a fleet, also of those that were stopped.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function list(
  ctx: Context,
  { fleet, ...query }: { fleet: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Agent[]; next?: string }> {
  await requireFleet(ctx, 'agent:read', fleet);
  return page(
    query,
    (at) => ctx.store.agents.list(fleet, at),
    ({ id }) => id,
  );
}
