import type { Context } from '../context.ts';
import { requireFleet } from '../fleets/require-fleet.ts';
import { page } from '../paging.ts';
import type { Enrolment } from '../store/enrolments.ts';

/**
 * Reads one page of the one-time tokens of a fleet, also of those that were used or revoked.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function list(
  ctx: Context,
  { fleet, ...query }: { fleet: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Enrolment[]; next?: string }> {
  await requireFleet(ctx, 'agent:read', fleet);
  return page(
    query,
    (at) => ctx.store.enrolments.list(fleet, at),
    ({ id }) => id,
  );
}
