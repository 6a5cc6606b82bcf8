import type { Behind, FeedEvent } from '../../wire/feed.ts';
import type { TenantEvent } from './merge.ts';
import { Waiting } from './waiting.ts';

/** An event of the feed, with the length of its line. */
export interface ReadLine {
  event: FeedEvent;
  length: number;
}

export interface InboxOptions {
  /** Returns the number up to which all events are applied. */
  cursor: () => number;
  /**
   * Applies events, in order.
   *
   * @param unreadable number of lines among them that were not events
   */
  apply: (events: readonly FeedEvent[], unreadable: number) => void;
  /** Called when `apply` has thrown. The inbox is then empty, and the feed must continue at the cursor. */
  failed: (error: Error) => void;
}

/** The largest length of the events that are applied at once, if there are several: about 10 ms of work. */
const SLICE = 64 * 1024;

/** The length of waiting events above which the agent reads no more. */
const MOST_WAITING = 32 * 1024 * 1024;

/**
 * Passes the events of the feed on, in slices. The agent answers its clients and reads the feed between two slices, and
 * what has arrived meanwhile is merged and put in order by {@link Waiting}.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #waiting = new Waiting();
  #isSnapshot = false;
  #next: NodeJS.Immediate | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** The number of the last event that is applied or waits. */
  get last(): number {
    return this.#waiting.isEmpty ? this.#options.cursor() : this.#waiting.last;
  }

  /** The tenants of the events that wait, each with the number of the last event before its own. */
  get waiting(): Behind[] {
    return this.#waiting.tenants;
  }

  /** @param unreadable number of lines among the events that were not events */
  read(lines: readonly ReadLine[], unreadable: number): void {
    const ofTenants = lines.filter(isOfTenant);
    // A snapshot is complete and in order, and the rules of a fleet apply to the events after them.
    if (this.#isSnapshot || unreadable > 0 || ofTenants.length < lines.length) {
      this.#drain(0);
      for (const { event } of lines)
        if (event.type === 'snapshot' || event.type === 'snapshot-end') this.#isSnapshot = event.type === 'snapshot';
      this.#apply(
        lines.map(({ event }) => event),
        unreadable,
      );
      return;
    }
    this.#waiting.add(ofTenants, this.#options.cursor());
    if (!this.#next) this.#step();
    this.#drain(MOST_WAITING);
  }

  /** Drops everything: the feed begins again at the cursor, or with a snapshot. */
  clear(): void {
    this.#waiting.clear();
    this.#isSnapshot = false;
    clearImmediate(this.#next);
    this.#next = undefined;
  }

  #step(): void {
    this.#next = undefined;
    this.#apply(this.#waiting.take(SLICE), 0);
    if (!this.#waiting.isEmpty) this.#next = setImmediate(() => this.#step());
  }

  /** Applies events until those that wait have at most this length. */
  #drain(length: number): void {
    while (this.#waiting.length > length) this.#apply(this.#waiting.take(SLICE), 0);
  }

  #apply(events: readonly FeedEvent[], unreadable: number): void {
    try {
      this.#options.apply(events, unreadable);
    } catch (error) {
      this.clear();
      this.#options.failed(error as Error);
    }
  }
}

const isOfTenant = (line: ReadLine): line is ReadLine & { event: TenantEvent } =>
  line.event.type === 'tenant' || line.event.type === 'leave';
