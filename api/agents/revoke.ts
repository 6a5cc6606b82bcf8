import type { Context } from '../context.ts';
import { requireFleet } from '../fleets/require-fleet.ts';
import { fleetTarget } from '../fleets/target.ts';
import { absent } from '../problem.ts';

/**
 * Revokes an agent: its feed ends, and it can no longer renew its credential.
 *
 * @throws Problem `not-found` when the fleet has no such agent, or when the agent was stopped before
 */
export async function revoke(ctx: Context, { fleet, agent: id }: { fleet: string; agent: string }): Promise<void> {
  const found = await requireFleet(ctx, 'agent:revoke', fleet);
  const audit = ctx.audit('revoke', `${fleetTarget(found)}/agents/${id}`);
  if (!(await ctx.store.agents.stop({ fleet, id, reason: 'revoked', at: ctx.now }, audit)))
    throw absent(`agent ${id} that is not stopped`);
  ctx.services.tokens.forget((token) => token.id === id, fleet);
}
