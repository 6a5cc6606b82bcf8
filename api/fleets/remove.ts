import type { Context } from '../context.ts';
import { etag, requirePreconditions } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';

/** @throws Problem `not-found`, `precondition-failed` also when another writer was faster */
export async function remove(ctx: Context, { fleet: name }: { fleet: string }): Promise<void> {
  ctx.authorize('operator');
  const { fleets, feeds, tokens } = ctx.house;
  const current = await ctx.store.fleet(name);
  if (!current) throw new Problem('not-found');
  requirePreconditions(ctx.preconditions, etag(current.version));
  if (!(await ctx.store.removeFleet(name, current.version, ctx.audit('delete', `fleets/${name}`))))
    throw new Problem('precondition-failed');
  fleets.changed();
  tokens.forget((token) => token.fleet === name, name);
  feeds.wake([name]);
}
