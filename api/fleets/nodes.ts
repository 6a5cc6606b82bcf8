import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { isConnected } from '../status/connected.ts';
import type { Node } from '../store/nodes.ts';

/**
 * Reads the nodes of a fleet, which are the Envoys of which its agents have reported. `connected` is false for a node
 * whose agent has sent no report within the setting `nodeTimeout`.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function nodes(ctx: Context, { fleet }: { fleet: string }): Promise<Node[]> {
  if (!(await ctx.store.fleets.find(fleet))) throw absent(`fleet ${fleet}`);
  return (await ctx.store.nodes.list(fleet)).map((node) => ({ ...node, connected: isConnected(ctx.services, node) }));
}
