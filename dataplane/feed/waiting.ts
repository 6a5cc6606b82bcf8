import type { Behind } from '../../wire/feed.ts';
import { merged, type TenantEvent } from './merge.ts';

/** An event of a tenant, with the length of its line in the feed. */
export interface ReadEvent {
  event: TenantEvent;
  length: number;
}

interface Item extends ReadEvent {
  /** The number of the last event before it. */
  readonly before: number;
  /** The read of the feed that brought it. */
  readonly read: number;
  /** The item with the smallest value is next; of equal ones, the older one. */
  readonly due: number;
}

/**
 * The events of tenants that the agent has read and not applied yet. A tenant with many or large changes must not delay
 * the others:
 *
 * - Events of one tenant that wait are merged. So a tenant has few of them, whatever its number of changes per second.
 * - The smallest event is next. Smaller events that arrive later overtake it, but only until they have as many bytes as
 *   it has itself. So every event has its turn.
 *
 * Each event that is taken gets as its `seq` the number up to which all events are applied after it. This number is
 * smaller than its own when an earlier event still waits, and larger when it contains a later one.
 */
export class Waiting {
  /** In the order in which the items were read. */
  readonly #items = new Set<Item>();
  /** The same items in the order in which they are taken. */
  #queue: Item[] = [];
  /** The newest item of each tenant. */
  readonly #newest = new Map<string, Item>();
  #length = 0;
  /** The sum of the lengths of all events that were taken. */
  #taken = 0;
  #reads = 0;
  #last = 0;

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** The sum of the lengths of the events. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds the events of one read of the feed. Events are merged only with those of earlier reads.
   *
   * @param cursor the number of the last event before them, if none waits
   */
  add(events: readonly ReadEvent[], cursor: number): void {
    if (this.isEmpty) this.#last = cursor;
    this.#reads++;
    for (const each of events) this.#put(each);
    this.#queue.sort((a, b) => a.due - b.due);
  }

  /**
   * Takes the events that are next, at least one.
   *
   * @param most the largest sum of their lengths, if there is more than one
   */
  take(most = Number.POSITIVE_INFINITY): TenantEvent[] {
    let count = 0;
    let length = 0;
    for (const item of this.#queue) {
      if (count > 0 && length + item.length > most) break;
      length += item.length;
      count++;
    }
    this.#length -= length;
    this.#taken += length;
    return this.#queue.splice(0, count).map((item) => {
      const { event, before } = item;
      this.#items.delete(item);
      if (this.#newest.get(event.tenant) === item) this.#newest.delete(event.tenant);
      return { ...event, seq: this.#cursor, before };
    });
  }

  /** The number of the last event that was added. */
  get last(): number {
    return this.#last;
  }

  /** The tenants of the events, each with the number of the last event before its own. */
  get tenants(): Behind[] {
    return [...this.#items].map(({ event: { tenant }, before }) => ({ tenant, live: before }));
  }

  /** Drops all events. The feed sends them again after the last number that was applied. */
  clear(): void {
    this.#items.clear();
    this.#newest.clear();
    this.#queue = [];
    this.#length = 0;
  }

  /** The number up to which all events are taken. */
  get #cursor(): number {
    for (const { before } of this.#items) return before;
    return this.#last;
  }

  #put({ event, length }: ReadEvent): void {
    const before = this.#last;
    this.#last = event.seq;
    const newest = this.#newest.get(event.tenant);
    const both = newest && newest.read !== this.#reads ? merged(newest.event, event) : undefined;
    if (newest && both) {
      // The events of a flood have the same parts, so the larger length is nearer to the truth than the sum.
      const longer = Math.max(newest.length, length);
      this.#length += longer - newest.length;
      newest.event = both;
      newest.length = longer;
      return;
    }
    const due = Math.max(this.#taken + length, newest?.due ?? 0);
    const item = { event, length, before, read: this.#reads, due };
    this.#items.add(item);
    this.#queue.push(item);
    this.#newest.set(event.tenant, item);
    this.#length += length;
  }
}
