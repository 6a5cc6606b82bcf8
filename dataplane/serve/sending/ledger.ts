import type { Configuration } from '../../../model/configuration.ts';
import { kindIds } from '../../../model/kinds/index.ts';
import type { Behind } from '../../../wire/feed.ts';

/** A feed event that one Envoy may not have acknowledged or served yet. */
export interface Entry {
  seq: number;
  readonly tenant: string;
  readonly revision: number;
  /** The tenant whose event this is, and the number up to which its events are live before this one is. */
  readonly behind: Behind;
  /** The change that the event made. It is used to find the revision at fault when Envoy rejects a resource. */
  transition: Transition | undefined;
  /**
   * `toAck` counts the names that the client must still acknowledge. `toLive` counts the names that a probe must still
   * see. The event is acked or live when the count is 0.
   */
  toAck: number;
  toLive: number;
}

/** A tenant's configuration before and after one event. */
export interface Transition {
  /** The first of the revisions that arrived as this event; 0 when unknown. */
  readonly from: number;
  /** Undefined when the configuration was not in memory. */
  readonly before: Configuration | undefined;
  /** Undefined when the tenant left the fleet. */
  readonly after: Configuration | undefined;
}

/** Which cursor moved; `live` when both moved, and when an event became live before an earlier one. */
export type Cursor = 'acked' | 'live';

/**
 * Tracks how much of the feed one Envoy has acknowledged and serves. Events finish in any order. A cursor passes an
 * event only when all earlier events have finished, so every event up to a cursor is finished.
 */
export class Ledger {
  #entries: Entry[] = [];
  #acked = 0;
  #ackedIndex = 0;
  #live = 0;
  readonly #transitions = new Transitions();
  readonly #moved: (cursor: Cursor) => void;

  constructor(moved: (cursor: Cursor) => void) {
    this.#moved = moved;
  }

  /**
   * Opens an event with both counts at 1, so that the event cannot finish early. The caller calls {@link acked} and
   * {@link live} after it has marked all names that the event changes.
   */
  open(
    seq: number,
    tenant: string,
    revision: number,
    transition?: Transition,
    behind: Behind = { tenant, live: seq - 1 },
  ): Entry {
    const entry = { seq, tenant, revision, behind: { ...behind }, transition, toAck: 1, toLive: 1 };
    this.#dropPassed();
    this.#entries.push(entry);
    this.#transitions.keep(entry);
    return entry;
  }

  /**
   * Merges consecutive finished events into the last of them. So 10,000 finished events of a snapshot use the memory of
   * one event while they wait for an earlier slow event.
   */
  #dropPassed(): void {
    const entries = this.#entries;
    if (!isFinished(entries.at(-2)) || !isFinished(entries.at(-1))) return;
    if (this.#ackedIndex >= entries.length - 1) this.#ackedIndex--;
    entries.splice(-2, 1);
  }

  /** Notes that the client acknowledged one name of the event. */
  acked(entry: Entry): void {
    if (--entry.toAck === 0) this.#finish(entry);
  }

  /** Notes that a probe saw one name of the event. */
  live(entry: Entry): void {
    if (--entry.toLive === 0) this.#finish(entry);
  }

  /** The client has acknowledged every event with a sequence number up to this one. */
  get ackedCursor(): number {
    return this.#acked;
  }

  /** Probes through the proxy have seen every event with a sequence number up to this one. */
  get liveCursor(): number {
    return this.#live;
  }

  /**
   * The tenants with unfinished events, with the number up to which their events are live. Undefined while an event of
   * no tenant is unfinished, because everything may depend on it.
   */
  get behind(): Behind[] | undefined {
    const unfinished = this.#entries.filter((entry) => !isFinished(entry));
    return unfinished.some(({ tenant }) => tenant === '') ? undefined : unfinished.map(({ behind }) => behind);
  }

  /**
   * Resets the cursors to at most `seq`, because the database of the feed was restored to an earlier time. Later events
   * belong to a history that no longer exists.
   */
  rewind(seq: number): void {
    for (const entry of this.#entries) {
      entry.seq = Math.min(entry.seq, seq);
      entry.behind.live = Math.min(entry.behind.live, seq);
    }
    this.#acked = Math.min(this.#acked, seq);
    this.#live = Math.min(this.#live, seq);
  }

  get pending(): number {
    return this.#entries.length;
  }

  #finish(entry: Entry): void {
    if (isFinished(entry)) this.#transitions.drop(entry);
    const moved = this.#advance();
    // Behind an event of no tenant, `behind` does not say what else is live.
    const cursor = isFinished(entry) && this.#entries[0]?.tenant !== '' ? 'live' : moved;
    if (cursor) this.#moved(cursor);
  }

  #advance(): Cursor | undefined {
    const entries = this.#entries;
    while (this.#ackedIndex < entries.length && entries[this.#ackedIndex]!.toAck === 0) this.#ackedIndex++;
    let done = 0;
    while (done < this.#ackedIndex && entries[done]!.toLive === 0) done++;
    const acked = this.#ackedIndex === 0 ? this.#acked : Math.max(this.#acked, entries[this.#ackedIndex - 1]!.seq);
    const live = done === 0 ? this.#live : Math.max(this.#live, entries[done - 1]!.seq);
    if (done > 0) {
      entries.splice(0, done);
      this.#ackedIndex -= done;
    }
    const cursor = live !== this.#live ? 'live' : acked !== this.#acked ? 'acked' : undefined;
    this.#acked = acked;
    this.#live = live;
    return cursor;
  }
}

const isFinished = (entry: Entry | undefined): boolean => entry?.toAck === 0 && entry.toLive === 0;

/**
 * The largest number of resources in the configurations that unfinished events reference, about 20 MB. It limits the
 * memory that one unresponsive client costs.
 */
const MOST_RESOURCES = 200_000;

/**
 * The changes of the latest unfinished events. When the limit is exceeded, the oldest events lose their change, so an
 * unresponsive client cannot fill the memory with configurations.
 */
class Transitions {
  readonly #weights = new Map<Entry, number>();
  #weight = 0;

  keep(entry: Entry): void {
    const after = entry.transition?.after;
    if (!after) return;
    const weight = kindIds.reduce((sum, kind) => sum + after.size(kind), 1);
    this.#weights.set(entry, weight);
    this.#weight += weight;
    for (const oldest of this.#weights.keys()) {
      if (this.#weight <= MOST_RESOURCES || oldest === entry) break;
      this.drop(oldest);
    }
  }

  drop(entry: Entry): void {
    entry.transition = undefined;
    this.#weight -= this.#weights.get(entry) ?? 0;
    this.#weights.delete(entry);
  }
}
