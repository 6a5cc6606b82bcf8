import { managerOf } from '../access/target.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { etag, requirePreconditions } from '../version.ts';
import { applyChange, type Stopped } from './change.ts';
import { countChange } from './pace.ts';
import { requireFleet } from './require-fleet.ts';
import { fleetTarget } from './target.ts';

/**
 * Removes a fleet, after checking the effect on every tenant. It also ends the tokens and the feeds of its agents.
 *
 * @param input `fleet`: the name; `force`: whether to remove the fleet even if resources of tenants become unserved
 * @returns the resources that became unserved
 * @throws Problem `not-found` when the fleet does not exist
 * @throws Problem `precondition-failed` when `If-Match` does not match, or when another writer changed the fleet
 *   meanwhile
 * @throws Problem of {@link applyChange}
 */
export async function remove(
  ctx: Context,
  { fleet: name, force = false }: { fleet: string; force?: boolean | undefined },
): Promise<Stopped> {
  const { feeds, tokens } = ctx.services;
  const before = await requireFleet(ctx, 'fleet:write', name);
  requirePreconditions(ctx.preconditions, etag(before));
  countChange(ctx, managerOf(before));
  const by = ctx.audit('delete', fleetTarget(before));
  const applied = await applyChange(ctx, { before, force }, (judged) => ctx.store.fleets.remove(before, by, judged));
  if (!applied) throw new Problem('precondition-failed');
  tokens.forget((token) => token.fleet === name, name);
  feeds.wake([{ fleet: name }]);
  return applied;
}
