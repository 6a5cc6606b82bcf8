import type { Context } from '../context.ts';
import { absent, Problem } from '../problem.ts';
import { requirePreconditions } from '../version.ts';

/** @throws Problem `not-found`, `precondition-failed` also when another writer was faster */
export async function remove(ctx: Context, { tenant: name }: { tenant: string }): Promise<void> {
  const { heads, tokens, feeds } = ctx.services;
  const current = await ctx.store.tenants.find(name);
  if (!current) throw absent(`tenant ${name}`);
  requirePreconditions(ctx.preconditions, current.version);
  const { ok, seqs } = await ctx.store.tenants.remove(name, current.version, ctx.audit('delete', `tenants/${name}`));
  if (!ok) throw new Problem('precondition-failed');
  heads.forget(name);
  ctx.store.news.tell(`tenant/${name}`);
  tokens.forget((token) => token.tenant === name);
  feeds.wake(seqs);
}
