import type { Context } from '../context.ts';
import { Problem } from '../http/problem.ts';
import type { Node } from '../store/port.ts';

/** @throws Problem `not-found` */
export async function nodes(ctx: Context, { fleet }: { fleet: string }): Promise<Node[]> {
  ctx.authorize('fleet:read', { fleet });
  if (!(await ctx.store.fleet(fleet))) throw new Problem('not-found');
  const { nodeTimeout } = ctx.house.settings;
  return (await ctx.store.nodes(fleet)).map((node) => ({
    ...node,
    connected: node.connected && ctx.now - node.lastSeenAt < nodeTimeout,
  }));
}
