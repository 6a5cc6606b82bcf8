import type { Ahead, NodeStatus, Rejection, StatusReport } from '../../wire/feed.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { mostNodes } from '../serving/most-nodes.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Node, ReportedNode } from '../store/nodes.ts';
import type { NodeRejection } from '../store/rejections.ts';
import { concerning } from './concerned.ts';
import { shortened } from './listener-words.ts';
import { resolver } from './revisions-meant.ts';

/**
 * The largest number of rejections that are stored per report: of one tenant, and of all tenants. One rejection of an
 * agent may concern a thousand revisions, and each is stored.
 */
const MOST_REJECTIONS = { tenant: 1000, all: 5000 };

/**
 * Stores an agent's report about its nodes, and wakes the requests that wait for the status of a revision.
 *
 * An agent may be wrong, and its token may be in wrong hands. So a report affects only tenants that the fleet serves:
 * rejections of other tenants and of revisions that do not exist are dropped, with a line in the log. So are those of a
 * node that does not know yet that the tenant was removed: they must not appear in the status of a later tenant of the
 * name.
 *
 * @throws Problem `not-found` when the fleet does not exist
 */
export async function report(
  ctx: Context,
  { fleet: name, report: { agent, nodes }, process = '' }: { fleet: string; report: StatusReport; process?: string },
): Promise<void> {
  const names = [...new Set(nodes.map(({ node }) => node))];
  const [fleet, known] = await Promise.all([ctx.store.fleets.find(name), ctx.store.nodes.known(name, names)]);
  if (!fleet) throw absent(`fleet ${name}`);
  if (known.length < names.length) await makeRoom(ctx, fleet, names.length - known.length);
  const rejections = await believed(ctx, fleet, agent, nodes);
  await ctx.store.nodes.save(
    nodes.map((node) => ({
      ...stateOf(ctx, fleet, agent, withTwin(nodes, node)),
      process,
      isContested: isTwice(nodes, node),
    })),
    rejections,
  );
  ctx.services.board.reported(name);
}

/** Whether two connected Envoys of one agent have the same name. */
const isTwice = (nodes: readonly NodeStatus[], { node, connected }: NodeStatus): boolean =>
  connected && nodes.filter((other) => other.node === node && other.connected).length > 1;

/** Returns a node with the progress that all connected Envoys of its name in the report have made. */
function withTwin(nodes: readonly NodeStatus[], node: NodeStatus): NodeStatus {
  if (!isTwice(nodes, node)) return node;
  const twins = nodes.filter((other) => other.node === node.node && other.connected);
  const { ahead: _, ...rest } = node;
  const least = (of: 'acked' | 'live') => Math.min(...twins.map((twin) => twin[of]));
  return { ...rest, acked: least('acked'), live: least('live') };
}

/** A number above the last one of the feed belongs to the feed of another database. */
const receivedIn =
  (fleet: Fleet) =>
  (seq: number): number =>
    seq > fleet.seq ? 0 : seq;

function stateOf(ctx: Context, fleet: Fleet, agent: string, reported: NodeStatus): ReportedNode {
  const { node: name, version, connected, acked, listenerRejections = [], drain } = reported;
  const received = receivedIn(fleet);
  const live = received(reported.live);
  return {
    ...{ fleet: fleet.name, name, agent, version, connected },
    ...{ acked: received(acked), live, ...beyond(live, reported.ahead, received), lastSeenAt: ctx.now },
    listenerRejections: shortened(listenerRejections),
    ...(drain && { drain }),
  };
}

/** Returns what a node serves beyond the number `live`. */
function beyond(
  live: number,
  reported: Ahead | undefined,
  received: (seq: number) => number,
): Pick<Node, 'ahead' | 'behind'> {
  const ahead = Math.max(live, received(reported?.live ?? 0));
  const behind = reported?.behind ?? [];
  return ahead === live ? { ahead, behind: [] } : { ahead, behind };
}

/** Returns the rejections to store, one per revision that they concern. */
async function believed(
  ctx: Context,
  fleet: Fleet,
  agent: string,
  nodes: readonly NodeStatus[],
): Promise<NodeRejection[]> {
  const concerns = concerning(ctx.services, fleet);
  const resolve = resolver(ctx.store);
  const all: NodeRejection[] = [];
  const perTenant = new Map<string, number>();
  const untrue: Dropped[] = [];
  const tooMany: Dropped[] = [];
  for (const { node, acked, rejections } of nodes) {
    const removed = await removedSince(ctx, fleet, receivedIn(fleet)(acked), rejections);
    for (const rejection of rejections) {
      const { tenant, revision } = rejection;
      const stored = perTenant.get(tenant) ?? 0;
      const room = Math.min(MOST_REJECTIONS.tenant - stored, MOST_REJECTIONS.all - all.length);
      if (removed.has(tenant) || (room > 0 && !(await concerns(rejection)))) {
        untrue.push({ tenant, revision });
        continue;
      }
      const resolved = room > 0 ? await resolve(rejection) : undefined;
      if (!resolved || resolved.length > room) tooMany.push({ tenant, revision });
      const kept = resolved?.slice(0, room) ?? [];
      all.push(...kept.map((each) => ({ fleet: fleet.name, node, ...each, at: ctx.now })));
      perTenant.set(tenant, stored + kept.length);
    }
  }
  const warn = (dropped: Dropped[], message: string) => {
    const [first] = dropped;
    if (first) ctx.services.log.warn({ fleet: fleet.name, agent, dropped: dropped.length, first }, message);
  };
  warn(untrue, 'an agent reports rejections of revisions that its fleet does not serve');
  warn(tooMany, 'an agent reports more rejections than are stored');
  return all;
}

/** Returns the tenants of rejections that were removed after the last event that the node has acknowledged. */
async function removedSince(
  { store }: Context,
  fleet: Fleet,
  acked: number,
  rejections: readonly Rejection[],
): Promise<ReadonlySet<string>> {
  if (rejections.length === 0 || acked === fleet.seq) return new Set();
  return store.feed.removedAfter(fleet.name, acked, [...new Set(rejections.map(({ tenant }) => tenant))]);
}

interface Dropped {
  tenant: string;
  revision: number;
}

/** Forgets nodes of the fleet if it would have too many with these new ones. */
async function makeRoom({ store, services }: Context, fleet: Fleet, added: number): Promise<void> {
  const excess = (await store.nodes.count(fleet.name)) + added - mostNodes(services.settings, fleet);
  if (excess > 0) await store.nodes.forget(fleet.name, excess);
}
