import type { NodeStatus } from '../../wire/feed.ts';

/** A report holds at most 1,000 nodes. While the API is unavailable, newer departures replace the oldest. */
const MOST = 200;

/** Nodes whose last stream has closed and whose departure the API has not yet accepted. */
export class Departed {
  readonly #nodes = new Map<string, NodeStatus>();

  get all(): NodeStatus[] {
    return [...this.#nodes.values()];
  }

  /** @param status the node's last status before its stream closed */
  add(status: NodeStatus): void {
    this.#nodes.delete(status.node);
    this.#nodes.set(status.node, { ...status, connected: false });
    for (const oldest of this.#nodes.keys()) if (this.#nodes.size > MOST) this.#nodes.delete(oldest);
  }

  /** The node has connected again. */
  remove(node: string): void {
    this.#nodes.delete(node);
  }

  /** The API accepted a report. Departures later than that report are still due. */
  reported(nodes: readonly NodeStatus[]): void {
    for (const status of nodes) if (this.#nodes.get(status.node) === status) this.#nodes.delete(status.node);
  }
}
