import type { Context } from '../context.ts';
import { etag, requirePreconditions } from '../http/etag.ts';
import { Problem } from '../http/problem.ts';
import type { Fleet } from '../store/port.ts';
import { requireNoCapture } from './capture.ts';

export interface PatchInput {
  fleet: string;
  labels?: Record<string, string> | undefined;
  ports?: Fleet['ports'] | undefined;
  address?: string | undefined;
  denyDestinations?: string[] | undefined;
}

/** @throws Problem `not-found`, `precondition-failed` also when another writer was faster, `fleet-in-use` */
export async function patch(ctx: Context, { fleet: name, ...given }: PatchInput): Promise<Fleet> {
  ctx.authorize('operator');
  const { fleets, feeds } = ctx.house;
  const current = await ctx.store.fleet(name);
  if (!current) throw new Problem('not-found');
  requirePreconditions(ctx.preconditions, etag(current.version));
  const next: Fleet = {
    ...current,
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Fleet>),
  };
  await requireNoCapture(ctx, next, current);
  if (!(await ctx.store.updateFleet(next, ctx.audit('update', `fleets/${name}`))))
    throw new Problem('precondition-failed');
  fleets.changed();
  feeds.wake([name]);
  return (await ctx.store.fleet(name)) ?? next;
}
