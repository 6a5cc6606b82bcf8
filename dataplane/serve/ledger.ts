import type { Configuration } from '../../model/configuration.ts';
import { kindIds } from '../../model/kinds/index.ts';

/** One feed event on its way to one Envoy. */
export interface Entry {
  seq: number;
  readonly tenant: string;
  readonly revision: number;
  /** The change of an unfinished event, by which Envoy's rejections are attributed to revisions. */
  step: Step | undefined;
  /** Number of names to be acknowledged before the event counts as acked, and to be seen before it counts as live. */
  toAck: number;
  toLive: number;
}

/** A tenant's configuration on either side of one event. */
export interface Step {
  /** First of the revisions that arrived as this event; 0 = not known. */
  readonly from: number;
  /** Undefined when it was not in memory. */
  readonly before: Configuration | undefined;
  /** Undefined when the tenant left. */
  readonly after: Configuration | undefined;
}

/** The cursor that moved; `live` when both moved. */
export type Cursor = 'acked' | 'live';

/**
 * How much of the feed one Envoy has acknowledged and serves. Events finish in any order. A cursor passes an event only
 * when all events before it have finished, so everything up to a cursor is always finished.
 */
export class Ledger {
  #entries: Entry[] = [];
  #acked = 0;
  #ackedIndex = 0;
  #live = 0;
  readonly #steps = new Steps();
  readonly #moved: (cursor: Cursor) => void;

  constructor(moved: (cursor: Cursor) => void) {
    this.#moved = moved;
  }

  /** Opens an event with one hold on each count, which the caller releases once it has marked everything that the event changes. */
  open(seq: number, tenant: string, revision: number, step?: Step): Entry {
    const entry = { seq, tenant, revision, step, toAck: 1, toLive: 1 };
    this.#dropPassed();
    this.#entries.push(entry);
    this.#steps.keep(entry);
    return entry;
  }

  /** Keeps only the last of several finished events in a row: behind one slow event, 10,000 events of a snapshot become one. */
  #dropPassed(): void {
    const entries = this.#entries;
    if (!isFinished(entries.at(-2)) || !isFinished(entries.at(-1))) return;
    if (this.#ackedIndex >= entries.length - 1) this.#ackedIndex--;
    entries.splice(-2, 1);
  }

  acked(entry: Entry): void {
    if (--entry.toAck === 0) this.#finish(entry);
  }

  live(entry: Entry): void {
    if (--entry.toLive === 0) this.#finish(entry);
  }

  /** Every event with a sequence number up to this has been acknowledged. */
  get ackedCursor(): number {
    return this.#acked;
  }

  /** Every event with a sequence number up to this was seen through the proxy. */
  get liveCursor(): number {
    return this.#live;
  }

  /**
   * The feed went back to `seq`, because its database was restored to an earlier time. Later events belong to a history
   * that no longer exists.
   */
  rewind(seq: number): void {
    for (const entry of this.#entries) entry.seq = Math.min(entry.seq, seq);
    this.#acked = Math.min(this.#acked, seq);
    this.#live = Math.min(this.#live, seq);
  }

  get pending(): number {
    return this.#entries.length;
  }

  #finish(entry: Entry): void {
    if (isFinished(entry)) this.#steps.drop(entry);
    this.#advance();
  }

  #advance(): void {
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
    if (cursor) this.#moved(cursor);
  }
}

const isFinished = (entry: Entry | undefined): boolean => entry?.toAck === 0 && entry.toLive === 0;

/**
 * Most resources in the configurations that unfinished events refer to, about 20 MB: the cost of one client that stops
 * answering.
 */
const MOST_RESOURCES = 200_000;

/**
 * The changes of the latest unfinished events. The limit keeps a client that stops answering from queuing
 * configurations.
 */
class Steps {
  readonly #weights = new Map<Entry, number>();
  #weight = 0;

  keep(entry: Entry): void {
    const after = entry.step?.after;
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
    entry.step = undefined;
    this.#weight -= this.#weights.get(entry) ?? 0;
    this.#weights.delete(entry);
  }
}
