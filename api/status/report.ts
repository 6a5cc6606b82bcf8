import type { NodeStatus, StatusReport } from '../../wire/feed.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Node } from '../store/nodes.ts';
import type { NodeRejection } from '../store/rejections.ts';
import { concerning } from './concerned.ts';
import { resolve } from './revisions-meant.ts';

/**
 * The largest number of nodes that are kept per fleet. Nodes may have a new name at each start, and every request for
 * a status reads all nodes of a fleet. Beyond this number, the nodes that were reported least recently are forgotten.
 */
const MOST_NODES = 10_000;

/**
 * Stores an agent's report about its nodes, and wakes the requests that wait for the status of a revision.
 *
 * An agent may be wrong, and its token may be in wrong hands. So a report affects only tenants that the fleet serves:
 * rejections of other tenants and of revisions that do not exist are dropped, with a line in the log.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function report(
  ctx: Context,
  { fleet: name, report: { agent, nodes } }: { fleet: string; report: StatusReport },
): Promise<void> {
  const names = [...new Set(nodes.map(({ node }) => node))];
  const [fleet, known] = await Promise.all([ctx.store.fleets.find(name), ctx.store.nodes.known(name, names)]);
  if (!fleet) throw absent(`fleet ${name}`);
  if (known.length < names.length) await makeRoom(ctx, name, names.length - known.length);
  const rejections = await believed(ctx, fleet, agent, nodes);
  await ctx.store.nodes.save(
    nodes.map((node) => stateOf(ctx, fleet, agent, node)),
    rejections,
  );
  ctx.services.board.reported();
}

function stateOf(ctx: Context, fleet: Fleet, agent: string, reported: NodeStatus): Node {
  const { node: name, version, connected, acked, live, listenerRejections = [] } = reported;
  // A number above the last one of the feed belongs to the feed of another database.
  const received = (seq: number) => (seq > fleet.seq ? 0 : seq);
  return {
    ...{ fleet: fleet.name, name, agent, version, connected },
    ...{ acked: received(acked), live: received(live), lastSeenAt: ctx.now, listenerRejections },
  };
}

/** Returns the rejections to store, one per revision that they concern. */
async function believed(
  ctx: Context,
  fleet: Fleet,
  agent: string,
  nodes: readonly NodeStatus[],
): Promise<NodeRejection[]> {
  const concerns = concerning(ctx.services, fleet);
  const all: NodeRejection[] = [];
  const dropped: { tenant: string; revision: number }[] = [];
  for (const { node, rejections } of nodes)
    for (const rejection of rejections) {
      if (await concerns(rejection)) {
        const resolved = await resolve(ctx.store, rejection);
        all.push(...resolved.map((each) => ({ fleet: fleet.name, node, ...each, at: ctx.now })));
      } else dropped.push({ tenant: rejection.tenant, revision: rejection.revision });
    }
  if (dropped.length > 0)
    ctx.services.log.warn(
      { fleet: fleet.name, agent, dropped: dropped.length, first: dropped[0] },
      'an agent reports rejections of revisions that its fleet does not serve',
    );
  return all;
}

/** Forgets nodes of the fleet if it would have too many with these new ones. */
async function makeRoom({ store }: Context, fleet: string, added: number): Promise<void> {
  const excess = (await store.nodes.count(fleet)) + added - MOST_NODES;
  if (excess > 0) await store.nodes.forget(fleet, excess);
}
