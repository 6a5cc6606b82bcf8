import type { StatusReport } from '../../wire/feed.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Node } from '../store/nodes.ts';
import type { NodeRejection } from '../store/rejections.ts';
import { resolve } from './revisions-meant.ts';

/**
 * Stores an agent's report about its nodes, and wakes the requests that wait for the status of a revision.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function report(
  ctx: Context,
  { fleet, report: { agent, nodes } }: { fleet: string; report: StatusReport },
): Promise<void> {
  if (!(await ctx.store.fleets.find(fleet))) throw absent(`fleet ${fleet}`);
  const at = ctx.now;
  const seen = nodes.map(
    ({ node, version, connected, acked, live, listenerRejections = [] }): Node => ({
      fleet,
      name: node,
      agent,
      version,
      connected,
      acked,
      live,
      lastSeenAt: at,
      listenerRejections,
    }),
  );
  const rejections = nodes.flatMap(({ node, rejections }) =>
    rejections.map(async (rejection): Promise<NodeRejection[]> => {
      const resolved = await resolve(ctx.store, rejection);
      return resolved.map((each) => ({ fleet, node, ...each, at }));
    }),
  );
  await ctx.store.nodes.save(seen, (await Promise.all(rejections)).flat());
  ctx.services.board.reported();
}
