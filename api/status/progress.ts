import { isSelected } from '../../model/kinds/index.ts';
import type { Services } from '../context.ts';
import { serves } from '../serving/serving.ts';
import type { Node } from '../store/nodes.ts';
import type { NodeRejection } from '../store/rejections.ts';
import { type ClosedPort, closedPortsOf, portRejections } from './closed-ports.ts';
import { isConnected } from './connected.ts';

type NodeState = 'pending' | 'acked' | 'live' | 'rejected' | 'superseded';
/** Of a revision: the least advanced of its nodes; `unserved` when no fleet has anything to do with it. */
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
  nodes: NodeStatus[];
}

interface Progress {
  state: RevisionState;
  fleets: FleetStatus[];
  /** Ports of these fleets that connected nodes do not listen on. */
  closed: ClosedPort[];
  /** What these ports reject of earlier revisions. */
  standing: NodeRejection[];
}

/** Where a revision is on each node of each fleet that serves it. */
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
    fleets.push({ fleet, state: least(nodes.filter(({ connected }) => connected)), nodes });
  }
  return { state: least(fleets), fleets, closed, standing: ports.standing };
}

/**
 * Rows of the feed are pruned after a time. A node that is past them, or past a restore, has received their changes.
 */
async function servingNow(services: Services, tenant: string, revision: number): Promise<string[]> {
  const gateways = (await services.store.configuration.resources(tenant, revision)).filter(isSelected);
  const { all } = await services.fleets.current(services.clock());
  return all.filter((fleet) => gateways.some(({ spec }) => serves(fleet, tenant, spec))).map(({ name }) => name);
}

function nodeStatus(services: Services, node: Node, seq: number, rejections: NodeRejection[]): NodeStatus {
  const { name, agent, version, lastSeenAt } = node;
  const connected = isConnected(services, node);
  const state = stateOf(node, seq, rejections);
  return { node: name, agent, version, connected, lastSeenAt, state, rejections };
}

function stateOf({ acked, live }: Node, seq: number, rejections: readonly NodeRejection[]): NodeState {
  if (rejections.some(({ superseded }) => !superseded)) return 'rejected';
  if (live < seq) return acked >= seq ? 'acked' : 'pending';
  return rejections.length > 0 ? 'superseded' : 'live';
}

const order: readonly NodeState[] = ['rejected', 'pending', 'acked', 'superseded', 'live'];

/** If one node rejected the revision, the revision is rejected. Without nodes it is pending. */
function least(states: readonly { state: NodeState }[]): NodeState {
  if (states.length === 0) return 'pending';
  return order[Math.min(...states.map(({ state }) => order.indexOf(state)))]!;
}
