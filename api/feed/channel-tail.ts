import type { Channel } from './channel.ts';
import { type FleetLine, fleetLine } from './encode.ts';
import type { EventSources } from './event-sources.ts';
import { type Lines, readLines } from './read-lines.ts';

/** A reader that follows the tail of a channel. */
export interface Subscriber {
  /** Hands new lines to the reader, in commit order. The implementation must return without waiting. */
  deliver(lines: Lines): void;
  /** The number of changes of the fleet's drained nodes of which the reader knows. */
  readonly drains: number;
  /** Hands the description of the fleet to the reader again, because other nodes are drained now. */
  describe(line: FleetLine): void;
  /** Makes the reader start over with a snapshot, because the fleet was changed or rows of its feed were pruned. */
  reset(): void;
}

/**
 * The end of one channel's feed, which any number of agents follow. It reads and encodes each step once for all of
 * them.
 */
export class ChannelTail {
  readonly #sources: EventSources;
  readonly #channel: Channel;
  readonly #subscribers = new Set<Subscriber>();
  /** The cursor up to which the tail has delivered lines. */
  #position = -1;
  /** The current read; undefined when there is none. */
  #pumping: Promise<void> | undefined;
  /** Whether `pump` was called during the current read, so that the tail must read once more. */
  #again = false;
  readonly #poll: () => void;
  readonly #interval: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param poll called every `interval` milliseconds while there are subscribers */
  constructor(sources: EventSources, channel: Channel, poll: () => void, interval: number) {
    this.#sources = sources;
    this.#channel = channel;
    this.#poll = poll;
    this.#interval = interval;
  }

  /** The number of subscribers. */
  get size(): number {
    return this.#subscribers.size;
  }

  /**
   * Subscribes a reader whose cursor equals the position of the tail, and returns true. For any other cursor it
   * returns false; the reader then reads the store with queries of its own until it has reached the tail. A tail
   * without subscribers adopts the cursor of its first subscriber.
   */
  join(cursor: number, subscriber: Subscriber): boolean {
    if (this.#subscribers.size === 0 && this.#pumping === undefined) this.#position = cursor;
    if (cursor !== this.#position) return false;
    this.#subscribers.add(subscriber);
    this.#timer ??= setInterval(this.#poll, this.#interval);
    // If the read fails, the next wake retries it.
    this.pump().catch(() => {});
    return true;
  }

  /** Unsubscribes a reader. */
  leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#stopWithoutSubscribers();
  }

  /** Stops the timer of a tail without subscribers. On Workers, a timer would keep the Durable Object in memory. */
  #stopWithoutSubscribers(): void {
    if (this.#subscribers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Reads new rows and delivers them. The caller calls it after a commit, or when another process may have committed.
   * The promise resolves when the subscribers have everything that was committed before the call.
   */
  async pump(): Promise<void> {
    if (this.#pumping) {
      this.#again = true;
      return this.#pumping;
    }
    this.#pumping = this.#drain().finally(() => {
      this.#pumping = undefined;
    });
    return this.#pumping;
  }

  /** Reads until the feed has no further rows. */
  async #drain(): Promise<void> {
    do {
      this.#again = false;
      for (let more = this.#subscribers.size > 0; more; ) more = await this.#step();
    } while (this.#again);
  }

  /** Reads and delivers one batch of rows. Returns whether the feed may have more rows. */
  async #step(): Promise<boolean> {
    const read = await readLines(this.#sources, this.#channel, this.#position);
    if (read.tooOld) {
      const all = [...this.#subscribers];
      this.#subscribers.clear();
      this.#stopWithoutSubscribers();
      for (const subscriber of all) subscriber.reset();
      return false;
    }
    await this.#describe(read.drains);
    if (!read.lines) return false;
    this.#position = read.lines.seq;
    for (const subscriber of this.#subscribers) subscriber.deliver(read.lines);
    return read.full;
  }

  /** Sends the description of the fleet to the subscribers that do not know which nodes are drained now. */
  async #describe(drains: number): Promise<void> {
    if ([...this.#subscribers].every((subscriber) => subscriber.drains === drains)) return;
    const fleet = await this.#sources.store.fleets.find(this.#channel.fleet);
    if (!fleet) return;
    const line = await fleetLine(this.#sources.store, fleet);
    for (const subscriber of this.#subscribers) if (subscriber.drains !== line.drains) subscriber.describe(line);
  }
}
