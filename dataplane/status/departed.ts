import { LRUCache } from 'lru-cache';
import type { NodeStatus } from '../../wire/feed.ts';

/**
 * The largest number of departed nodes. A report of all nodes may contain at most 1,000. While the API is unavailable,
 * newer departures replace the oldest.
 */
const MOST = 200;

/** Nodes whose last stream has closed and whose departure the API has not yet accepted. */
export class Departed {
  readonly #nodes = new LRUCache<string, NodeStatus>({ max: MOST });

  /** The nodes in the order in which they departed. */
  get all(): NodeStatus[] {
    const all: NodeStatus[] = [];
    this.#nodes.rforEach((status) => all.push(status));
    return all;
  }

  /** @param status the node's last status before its stream closed */
  add(status: NodeStatus): void {
    this.#nodes.set(status.node, { ...status, connected: false });
  }

  /** Drops the departure of a node that has connected again. */
  remove(node: string): void {
    this.#nodes.delete(node);
  }

  /** Notes that the API accepted a report. Departures after that report are reported next. */
  reported(nodes: readonly NodeStatus[]): void {
    for (const status of nodes) if (this.#nodes.peek(status.node) === status) this.#nodes.delete(status.node);
  }
}
