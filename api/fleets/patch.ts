import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';
import { requirePreconditions } from '../version.ts';
import { applyChange, type Stopped } from './change.ts';
import { requireTenant } from './create.ts';

export interface PatchInput {
  fleet: string;
  labels?: Record<string, string> | undefined;
  ports?: Fleet['ports'] | undefined;
  address?: string | undefined;
  /** Null: shared, so that every tenant may use it. */
  tenant?: string | null | undefined;
  denyDestinations?: string[] | undefined;
  force?: boolean | undefined;
}

/**
 * @throws Problem `not-found`, `precondition-failed` also when another writer was faster, and what {@link applyChange}
 *   throws
 */
export async function patch(
  ctx: Context,
  { fleet: name, force = false, ...given }: PatchInput,
): Promise<{ fleet: Fleet } & Stopped> {
  const before = await ctx.store.fleets.find(name);
  if (!before) throw absent(`fleet ${name}`);
  requirePreconditions(ctx.preconditions, before.version);
  const after = merged(before, given);
  if (after.tenant !== before.tenant) await requireTenant(ctx, after.tenant);
  const by = ctx.audit('update', `fleets/${name}`);
  const applied = await applyChange(ctx, { before, after, force }, (judged) =>
    ctx.store.fleets.update(after, by, judged),
  );
  if (!applied) throw new Problem('precondition-failed');
  ctx.services.feeds.wake([{ fleet: name }]);
  return { fleet: (await ctx.store.fleets.find(name)) ?? after, ...applied };
}

function merged(before: Fleet, { tenant = before.tenant, ...given }: Omit<PatchInput, 'fleet' | 'force'>): Fleet {
  const { tenant: _, ...rest } = before;
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  // The remaining members have the fleet's types; only `undefined` was removed.
  return { ...rest, ...(present as Partial<Fleet>), ...(tenant != null && { tenant }) };
}
