import type { Services } from '../context.ts';
import { servedBy } from '../feed/for-fleet.ts';
import { sharedServing } from '../feed/shared.ts';
import type { Node } from '../store/nodes.ts';
import type { NodeRejection } from '../store/rejections.ts';
import { type ClosedPort, closedPortsOf, portRejections } from './closed-ports.ts';
import { isConnected } from './connected.ts';
import { whyNotLive } from './why-not-live.ts';

/** The state of a revision on one node. */
type NodeState = 'pending' | 'acked' | 'live' | 'rejected' | 'superseded';
/**
 * The state of a revision: the state of the node that has progressed least, or `unserved` when the revision gives no
 * work to any fleet.
 */
export type RevisionState = NodeState | 'unserved';

interface NodeStatus {
  node: string;
  agent: string;
  version: string;
  connected: boolean;
  lastSeenAt: number;
  state: NodeState;
  rejections: NodeRejection[];
}

interface FleetStatus {
  fleet: string;
  state: NodeState;
  /** What the fleet still waits for. Absent when it waits for nothing. */
  reason?: string;
  nodes: NodeStatus[];
}

/** The state of a revision on every fleet that serves it. */
interface Progress {
  state: RevisionState;
  fleets: FleetStatus[];
  /** The ports of these fleets on which a connected node does not listen. */
  closed: ClosedPort[];
  /** The rejections that these closed ports cause for changes of earlier revisions. */
  standing: NodeRejection[];
}

/**
 * Computes the state of a revision on each node of each fleet that serves the revision.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function progress(services: Services, tenant: string, revision: number): Promise<Progress> {
  const { store } = services;
  const rows = new Map((await store.feed.ofRevision(tenant, revision)).map((row) => [row.fleet, row.seq]));
  if (rows.size === 0)
    for (const fleet of await servingNow(services, tenant, revision)) rows.set(fleet, await store.feed.floor(fleet));
  if (rows.size === 0) return { state: 'unserved', fleets: [], closed: [], standing: [] };
  const nodesOf = new Map<string, Node[]>();
  for (const fleet of rows.keys()) nodesOf.set(fleet, await store.nodes.list(fleet));
  const connected = [...nodesOf.values()].flat().filter((node) => isConnected(services, node));
  const closed = connected.flatMap(closedPortsOf);
  const ports = await portRejections(services, tenant, revision, closed);
  const rejections = [...(await store.rejections.list(tenant, revision)), ...ports.own];
  const fleets: FleetStatus[] = [];
  for (const [fleet, seq] of rows) {
    const nodes = nodesOf.get(fleet)!.map((node) =>
      nodeStatus(
        services,
        node,
        seq,
        rejections.filter((rejection) => rejection.fleet === fleet && rejection.node === node.name),
      ),
    );
    const state = least(nodes.filter(({ connected }) => connected));
    const reason = whyNotLive(state, nodes);
    fleets.push({ fleet, state, ...(reason !== undefined && { reason }), nodes });
  }
  return { state: least(fleets), fleets, closed, standing: ports.standing };
}

/**
 * Returns the fleets that serve the tenant now. The caller uses it when the rows of the revision in the
 * feed are pruned, or lost after a restore of the database. A node that has received every remaining row has then
 * received the revision too.
 */
async function servingNow(services: Services, tenant: string, revision: number): Promise<string[]> {
  const resources = await services.store.configuration.resources(tenant, revision);
  const { all } = await services.fleets.current(services.clock());
  const serving: string[] = [];
  for (const fleet of all)
    if (servedBy(fleet, tenant, resources) || (await sharedServing(services.store, fleet, tenant)).isServed)
      serving.push(fleet.name);
  return serving;
}

/** Makes the status of one node. `seq` is the number of the revision in the feed of the fleet. */
function nodeStatus(services: Services, node: Node, seq: number, rejections: NodeRejection[]): NodeStatus {
  const { name, agent, version, lastSeenAt } = node;
  const connected = isConnected(services, node);
  const state = stateOf(node, seq, rejections);
  return { node: name, agent, version, connected, lastSeenAt, state, rejections };
}

/** Computes the state of the revision on one node. `seq` is the number of the revision in the feed of the fleet. */
function stateOf({ acked, live }: Node, seq: number, rejections: readonly NodeRejection[]): NodeState {
  if (rejections.some(({ superseded }) => !superseded)) return 'rejected';
  if (live < seq) return acked >= seq ? 'acked' : 'pending';
  return rejections.length > 0 ? 'superseded' : 'live';
}

/** All states, from the least advanced to the most advanced. */
const order: readonly NodeState[] = ['rejected', 'pending', 'acked', 'superseded', 'live'];

/**
 * Returns the least advanced of these states. `rejected` is the least advanced state, so one rejection makes the whole
 * `rejected`. Without any state, the result is `pending`.
 */
function least(states: readonly { state: NodeState }[]): NodeState {
  if (states.length === 0) return 'pending';
  return order[Math.min(...states.map(({ state }) => order.indexOf(state)))]!;
}
