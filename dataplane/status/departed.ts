import type { NodeStatus } from '../../wire/feed.ts';

/** A report holds at most 1,000 nodes; while the API is away, the oldest departures are given up for newer ones. */
const MOST = 200;

/** Nodes whose last stream has closed, until the API has taken that they are not connected. */
export class Departed {
  readonly #nodes = new Map<string, NodeStatus>();

  get all(): NodeStatus[] {
    return [...this.#nodes.values()];
  }

  /** @param status what the node was when its stream closed */
  add(status: NodeStatus): void {
    this.#nodes.delete(status.node);
    this.#nodes.set(status.node, { ...status, connected: false });
    for (const oldest of this.#nodes.keys()) if (this.#nodes.size > MOST) this.#nodes.delete(oldest);
  }

  /** The node has connected again. */
  remove(node: string): void {
    this.#nodes.delete(node);
  }

  /** The API has taken a report; a departure that came after it was written is still to be reported. */
  reported(nodes: readonly NodeStatus[]): void {
    for (const status of nodes) if (this.#nodes.get(status.node) === status) this.#nodes.delete(status.node);
  }
}
