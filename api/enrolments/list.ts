import type { Context } from '../context.ts';
import type { FleetPath } from '../fleets/owners.ts';
import { requireFleet } from '../fleets/require-fleet.ts';
import { page } from '../paging.ts';
import type { Enrolment } from '../store/enrolments.ts';

/**
 * Reads one page of the one-time tokens of a fleet, also of those that were used or revoked.
 *
 * @throws Problem `not-found` when the fleet does not exist, or is not a fleet of the tenant
 */
export async function list(
  ctx: Context,
  { fleet, tenant, ...query }: FleetPath & { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: Enrolment[]; next?: string }> {
  await requireFleet(ctx, { fleet, tenant });
  return page(
    query,
    (at) => ctx.store.enrolments.list(fleet, at),
    ({ id }) => id,
  );
}
