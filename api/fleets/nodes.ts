import type { Context } from '../context.ts';
import { invalidCursor, page } from '../paging.ts';
import { absent } from '../problem.ts';
import { isConnected } from '../status/connected.ts';
import type { ListedNode } from '../store/nodes.ts';

/** The largest number of nodes on a page. */
const MOST = 10_000;

/**
 * Reads one page of the nodes of a fleet, which are the Envoys of which its agents have reported, sorted by name.
 * `connected` is false for a node whose agent has sent no report within the setting `nodeTimeout`.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function nodes(
  ctx: Context,
  { fleet, limit = MOST, cursor }: { fleet: string; limit?: number | undefined; cursor?: string | undefined },
): Promise<{ items: ListedNode[]; next?: string }> {
  if (!(await ctx.store.fleets.find(fleet))) throw absent(`fleet ${fleet}`);
  const { items, ...rest } = await page(
    { limit, cursor },
    // A cursor has only ASCII characters. The name of a node may have others.
    ({ after = '', ...at }) => ctx.store.nodes.list(fleet, { ...at, after: nameIn(after) }),
    ({ name }) => encodeURIComponent(name),
    (node) => 150 + JSON.stringify(node.listenerRejections).length,
  );
  return { items: items.map((node) => ({ ...node, connected: isConnected(ctx.services, node) })), ...rest };
}

/** Returns the name of the node in the key of a cursor. */
function nameIn(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    throw invalidCursor();
  }
}
