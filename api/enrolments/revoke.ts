import type { Context } from '../context.ts';
import { requireFleet } from '../fleets/require-fleet.ts';
import { fleetTarget } from '../fleets/target.ts';
import { absent } from '../problem.ts';

/**
 * Revokes a one-time token.
 *
 * @throws Problem `not-found` when the token does not exist, was used or was revoked before
 */
export async function revoke(ctx: Context, { fleet, id }: { fleet: string; id: string }): Promise<void> {
  const found = await requireFleet(ctx, 'agent:revoke', fleet);
  const audit = ctx.audit('revoke', `${fleetTarget(found)}/enrolments/${id}`);
  if (!(await ctx.store.enrolments.revoke(fleet, id, ctx.now, audit)))
    throw absent(`enrolment ${id} that is neither used nor revoked`);
}
