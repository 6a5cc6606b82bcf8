import type { Services } from '../context.ts';
import type { LateNode, NodesTogether } from '../store/node-progress.ts';
import type { NodeRejection } from '../store/rejections.ts';
import { type ClosedPort, closedPortsOf, MOST_CLOSED_NODES, portRejections } from './closed-ports.ts';
import { isConnected } from './connected.ts';
import { isSharing, liveOf } from './live-of.ts';
import { seqsOf } from './seqs.ts';
import { whyNotLive } from './why-not-live.ts';

/** The state of a revision on one node. */
export type NodeState = 'pending' | 'acked' | 'live' | 'rejected' | 'superseded';
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
  /** Present when the node is drained: the revision does not wait for it. */
  drained?: true;
  /** Present when two Envoys have the name of the node. */
  contested?: true;
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
  /** The number of further nodes. Absent when all are listed. */
  moreNodes?: number;
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

/** The largest number of nodes per fleet in a status. */
const MOST_LISTED = 1000;

/**
 * Computes the state of a revision on each node of each fleet that serves the revision.
 *
 * @throws Problem `not-found`, `revision-pruned`
 */
export async function progress(services: Services, tenant: string, revision: number): Promise<Progress> {
  const { store, clock, settings } = services;
  const seqs = await seqsOf(services, tenant, revision);
  if (seqs.size === 0) return { state: 'unserved', fleets: [], closed: [], standing: [] };
  const since = clock() - settings.nodeTimeout;
  const closed: ClosedPort[] = [];
  for (const fleet of seqs.keys())
    closed.push(...(await store.nodes.refusing(fleet, since, MOST_CLOSED_NODES)).flatMap(closedPortsOf));
  const ports = await portRejections(services, tenant, revision, closed);
  const all = [...(await store.rejections.list(tenant, revision)), ...ports.own];
  const rejections = Map.groupBy(all, ({ fleet, node }) => `${fleet}/${node}`);
  const fleets: FleetStatus[] = [];
  for (const [fleet, seq] of seqs) {
    const listed = await store.nodes.late(fleet, since, MOST_LISTED);
    const isAlone = listed.some(({ live, ahead }) => ahead > live) && !(await isSharing(store, tenant));
    const nodes = listed.map((node) => {
      const live = isAlone ? liveOf(node, tenant) : node.live;
      return nodeStatus(services, { ...node, live }, seq, rejections.get(`${fleet}/${node.name}`) ?? []);
    });
    const state = least(nodes.filter(({ connected, drained }) => connected && !drained).map((node) => node.state));
    const reason = whyNotLive(state, nodes);
    const more = nodes.length < MOST_LISTED ? 0 : (await store.nodes.count(fleet)) - nodes.length;
    fleets.push({ fleet, state, ...(reason !== undefined && { reason }), nodes, ...(more > 0 && { moreNodes: more }) });
  }
  return { state: least(fleets.map(({ state }) => state)), fleets, closed, standing: ports.standing };
}

/** Makes the status of one node. `seq` is the number of the revision in the feed of the fleet. */
function nodeStatus(services: Services, node: LateNode, seq: number, rejections: NodeRejection[]): NodeStatus {
  const { name, agent, version, lastSeenAt, acked, live, drainedAt, contestedAt = 0 } = node;
  const connected = isConnected(services, node);
  const isRejected = rejections.some(({ superseded }) => !superseded);
  const words = isRejected ? 'rejected' : rejections.length > 0 ? 'superseded' : undefined;
  const state = stateOf({ connected: 1, live, reached: Math.max(acked, live) }, seq, words);
  return {
    ...{ node: name, agent, version, connected, lastSeenAt, state, rejections },
    ...(drainedAt !== undefined && { drained: true as const }),
    ...(services.clock() - contestedAt < services.settings.nodeTimeout && { contested: true as const }),
  };
}

/**
 * Computes the state of the revision on a node, or on the connected nodes of a fleet: the state of the node that has
 * progressed least.
 *
 * @param seq the number of the revision in the feed of the fleet
 * @param words what a node says about a change of the revision; undefined when none says anything
 */
export function stateOf(
  { connected, live, reached }: Pick<NodesTogether, 'connected' | 'live' | 'reached'>,
  seq: number,
  words: 'rejected' | 'superseded' | undefined,
): NodeState {
  if (connected === 0) return 'pending';
  if (words === 'rejected') return 'rejected';
  if (reached < seq) return 'pending';
  return live < seq ? 'acked' : (words ?? 'live');
}

/** All states, from the least advanced to the most advanced. */
const order: readonly NodeState[] = ['rejected', 'pending', 'acked', 'superseded', 'live'];

/**
 * Returns the least advanced of these states. `rejected` is the least advanced state, so one rejection makes the whole
 * `rejected`. Without any state, the result is `pending`.
 */
export function least(states: readonly NodeState[]): NodeState {
  if (states.length === 0) return 'pending';
  return order[Math.min(...states.map((state) => order.indexOf(state)))]!;
}
