import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { isConnected } from '../status/connected.ts';
import type { ListedNode } from '../store/nodes.ts';
import { requireFleet } from './require-fleet.ts';
import { fleetTarget } from './target.ts';

/**
 * Drains a node, or ends its drain. A drained node finishes the requests under way and takes no new connections. The
 * agents of the fleet learn it from the feed. A request that changes nothing writes nothing.
 *
 * @param input `node`: the name of a node of which an agent has reported; `drained`: whether it shall be drained
 * @returns the node
 * @throws Problem `not-found` when there is no such fleet or node
 */
export async function patchNode(
  ctx: Context,
  { fleet: name, node, drained }: { fleet: string; node: string; drained: boolean },
): Promise<ListedNode> {
  const { store, services } = ctx;
  const fleet = await requireFleet(ctx, 'fleet:write', name);
  const before = await store.nodes.find(name, node);
  if (!before) throw absent(`node ${node}`);
  const wasDrained = before.drainedAt !== undefined;
  if (wasDrained !== drained) {
    const by = {
      ...ctx.audit('update', `${fleetTarget(fleet)}/nodes/${encodeURIComponent(node)}`),
      diff: objectDiff({ drained: wasDrained }, { drained }),
    };
    const isThere = await store.nodes.drain({ fleet: name, name: node, ...(drained && { at: ctx.now }) }, by);
    if (!isThere) throw absent(`node ${node}`);
    services.feeds.wake([{ fleet: name }]);
    // Requests that waited for this node need not wait any more.
    services.board.reported(name);
  }
  const after = (await store.nodes.find(name, node)) ?? before;
  return { ...after, connected: isConnected(services, after) };
}
