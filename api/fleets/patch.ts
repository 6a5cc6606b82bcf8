import { managerOf } from '../access/target.ts';
import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';
import { etag, requirePreconditions } from '../version.ts';
import { applyChange, type Stopped } from './change.ts';
import { requireTenant } from './create.ts';
import { requireDistinctPorts } from './distinct-ports.ts';
import { countChange } from './pace.ts';
import { requireFleet } from './require-fleet.ts';
import { settable } from './settable.ts';
import { fleetTarget } from './target.ts';

/** The fleet to change, and its new members. A member that is undefined keeps its value. */
export interface PatchInput {
  fleet: string;
  labels?: Record<string, string> | undefined;
  ports?: Fleet['ports'] | undefined;
  portRanges?: Fleet['portRanges'];
  address?: string | undefined;
  /** The tenant to which the fleet is dedicated. Null makes the fleet a shared one, which every tenant may use. */
  tenant?: string | null | undefined;
  denyDestinations?: string[] | undefined;
  /** Whether to change the fleet even if resources of tenants become unserved. Default: false. */
  force?: boolean | undefined;
}

/**
 * Changes a fleet, after checking the effect on every tenant, and wakes the agents of the fleet.
 *
 * @returns the changed fleet, and the resources that became unserved
 * @throws Problem `not-found` when the fleet does not exist
 * @throws Problem `precondition-failed` when `If-Match` does not match, or when another writer changed the fleet
 *   meanwhile
 * @throws Problem `invalid-request` when the tenant to which the fleet is dedicated does not exist
 * @throws Problem of {@link applyChange}
 */
export async function patch(
  ctx: Context,
  { fleet: name, force = false, ...given }: PatchInput,
): Promise<{ fleet: Fleet } & Stopped> {
  const before = await requireFleet(ctx, 'fleet:write', name);
  requirePreconditions(ctx.preconditions, etag(before));
  const after = merged(before, given);
  requireDistinctPorts(after);
  requireManager(before, after);
  if (after.tenant !== before.tenant) await requireTenant(ctx, after.tenant);
  countChange(ctx, managerOf(before));
  const by = { ...ctx.audit('update', fleetTarget(before)), diff: objectDiff(settable(before), settable(after)) };
  const applied = await applyChange(ctx, { before, after, force }, (judged) =>
    ctx.store.fleets.update(after, by, judged),
  );
  if (!applied) throw new Problem('precondition-failed');
  ctx.services.feeds.wake([{ fleet: name }]);
  return { fleet: (await ctx.store.fleets.find(name)) ?? after, ...applied };
}

/**
 * Checks that a fleet that a tenant manages stays dedicated to this tenant: its agents run on machines of the tenant,
 * and must not get the private keys of others.
 *
 * @throws Problem `invalid-request`
 */
function requireManager(before: Fleet, after: Fleet): void {
  if (before.managedBy === undefined || after.tenant === before.tenant) return;
  const message = `the tenant ${before.tenant} manages this fleet, so it serves no other tenant; delete it, and create another one`;
  throw new Problem('invalid-request', {
    violations: [{ path: '/tenant', pointer: '/tenant', code: 'managed-by-tenant', message }],
  });
}

/** Replaces those members of a fleet that are given. `tenant: null` removes the dedication to a tenant. */
function merged(before: Fleet, { tenant = before.tenant, ...given }: Omit<PatchInput, 'fleet' | 'force'>): Fleet {
  const { tenant: _, ...rest } = before;
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  // The remaining members have the fleet's types; only `undefined` was removed.
  return { ...rest, ...(present as Partial<Fleet>), ...(tenant != null && { tenant }) };
}
