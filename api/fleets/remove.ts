import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import { requirePreconditions } from '../version.ts';
import { applyChange, type Stopped } from './change.ts';

/**
 * @throws Problem `not-found`, `precondition-failed` also when another writer was faster, and what {@link applyChange}
 *   throws
 */
export async function remove(
  ctx: Context,
  { fleet: name, force = false }: { fleet: string; force?: boolean | undefined },
): Promise<Stopped> {
  const { feeds, tokens } = ctx.services;
  const before = await ctx.store.fleets.find(name);
  if (!before) throw absent(`fleet ${name}`);
  requirePreconditions(ctx.preconditions, before.version);
  const by = ctx.audit('delete', `fleets/${name}`);
  const applied = await applyChange(ctx, { before, force }, (judged) =>
    ctx.store.fleets.remove(name, before.version, by, judged),
  );
  if (!applied) throw new Problem('precondition-failed');
  tokens.forget((token) => token.fleet === name, name);
  feeds.wake([{ fleet: name }]);
  return applied;
}
