import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { isConnected } from '../status/connected.ts';
import type { Node } from '../store/nodes.ts';

/** @throws Problem `not-found` */
export async function nodes(ctx: Context, { fleet }: { fleet: string }): Promise<Node[]> {
  if (!(await ctx.store.fleets.find(fleet))) throw absent(`fleet ${fleet}`);
  return (await ctx.store.nodes.list(fleet)).map((node) => ({ ...node, connected: isConnected(ctx.services, node) }));
}
