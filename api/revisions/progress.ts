import type { House } from '../context.ts';
import { serves } from '../fleets/serving.ts';
import type { Node, NodeRejection } from '../store/port.ts';

type NodeState = 'pending' | 'acked' | 'live' | 'rejected';
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

export interface FleetStatus {
  fleet: string;
  state: NodeState;
  nodes: NodeStatus[];
}

/** Where a revision is on each node of each fleet that serves it. */
export async function progress(
  house: House,
  tenant: string,
  revision: number,
): Promise<{ state: RevisionState; fleets: FleetStatus[] }> {
  const { store } = house;
  const rows = new Map((await store.feedOf(tenant, revision)).map((row) => [row.fleet, row.seq]));
  if (rows.size === 0) for (const fleet of await servingNow(house, tenant, revision)) rows.set(fleet, 0);
  if (rows.size === 0) return { state: 'unserved', fleets: [] };
  const rejections = await store.rejections(tenant, revision);
  const fleets: FleetStatus[] = [];
  for (const [fleet, seq] of rows) {
    const nodes = (await store.nodes(fleet)).map((node) =>
      nodeStatus(
        house,
        node,
        seq,
        rejections.filter((rejection) => rejection.fleet === fleet && rejection.node === node.name),
      ),
    );
    fleets.push({ fleet, state: least(nodes.filter(({ connected }) => connected)), nodes });
  }
  return { state: least(fleets), fleets };
}

/** Rows of the feed are pruned in time, and what is older than they are has reached every node that is connected. */
async function servingNow(house: House, tenant: string, revision: number): Promise<string[]> {
  const gateways = (await house.store.resources(tenant, revision)).filter((resource) => resource.kind === 'gateway');
  const { all } = await house.fleets.current(house.clock());
  return all.filter((fleet) => gateways.some(({ spec }) => serves(fleet, tenant, spec))).map(({ name }) => name);
}

function nodeStatus(house: House, node: Node, seq: number, rejections: NodeRejection[]): NodeStatus {
  const { name, agent, version, lastSeenAt } = node;
  const connected = node.connected && house.clock() - lastSeenAt < house.settings.nodeTimeout;
  const state =
    rejections.length > 0 ? 'rejected' : node.live >= seq ? 'live' : node.acked >= seq ? 'acked' : 'pending';
  return { node: name, agent, version, connected, lastSeenAt, state, rejections };
}

const order: readonly NodeState[] = ['rejected', 'pending', 'acked', 'live'];

/** One refusal is a refusal of the whole; nobody there = pending. */
function least(states: readonly { state: NodeState }[]): NodeState {
  if (states.length === 0) return 'pending';
  return order[Math.min(...states.map(({ state }) => order.indexOf(state)))]!;
}
