import type { FeedEvent } from '../../wire/feed.ts';
import { passed } from '../../wire/milestones.ts';
import type { Log } from '../context.ts';
import { Pace } from '../pace.ts';
import type { Settings } from '../settings.ts';
import type { Commit } from '../store/commit.ts';
import type { Fleet } from '../store/fleets.ts';
import { type Channel, channelOf, keyOf, topicOf } from './channel.ts';
import { describeFleet } from './describe-fleet.ts';
import type { EventSources } from './event-sources.ts';
import { eventOf } from './events.ts';
import { coalesce, type Step } from './for-fleet.ts';

/** One line of the feed, encoded once for all streams. `seq` is the cursor of a reader that has received the line. */
export interface Line {
  seq: number;
  bytes: Uint8Array;
}

/** A reader that follows the tail of a channel. */
export interface Subscriber {
  /** Hands new lines to the reader, in commit order. The implementation must return without waiting. */
  deliver(lines: readonly Line[]): void;
  /** Asks the reader to start over with a snapshot, because the fleet was changed or rows of its feed were pruned. */
  reset(): void;
}

const encoder = new TextEncoder();
/** Encodes an event as one line of JSON. */
export const encodeLine = (event: object): Uint8Array => encoder.encode(`${JSON.stringify(event)}\n`);

/** The number of resources that can be encoded at once without delaying other requests noticeably. */
const FEW = 100;

/**
 * Encodes an event as one line of JSON. For an event with many resources, it pauses so that other requests are
 * answered.
 */
export async function encodeEvent(event: FeedEvent): Promise<Uint8Array> {
  if (event.type !== 'tenant' || event.puts.length <= FEW) return encodeLine(event);
  const { puts, ...rest } = event;
  const pace = new Pace(puts.length);
  const encoded: string[] = [];
  for (const put of puts) {
    if (pace.isDue) await pace.rest();
    encoded.push(JSON.stringify(put));
  }
  return encoder.encode(`${JSON.stringify(rest).slice(0, -1)},"puts":[${encoded.join()}]}\n`);
}

/** The maximum number of feed rows per read. It limits the memory that a burst of commits needs. */
const BATCH = 500;

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
  /** The read that is under way. */
  #pumping: Promise<void> | undefined;
  /** Whether `pump` was called during the read that is under way, so that the tail must read once more. */
  #again = false;
  readonly #look: () => void;
  readonly #every: number;
  #poll: ReturnType<typeof setInterval> | undefined;

  /** @param look called every `every` milliseconds while there are subscribers */
  constructor(sources: EventSources, channel: Channel, look: () => void, every: number) {
    this.#sources = sources;
    this.#channel = channel;
    this.#look = look;
    this.#every = every;
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
    this.#poll ??= setInterval(this.#look, this.#every);
    // If the read fails, the next wake retries it.
    this.pump().catch(() => {});
    return true;
  }

  /** Unsubscribes a reader. */
  leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#restWhenAlone();
  }

  /** Stops the timer of a tail without subscribers. On Workers, a timer would keep the Durable Object in memory. */
  #restWhenAlone(): void {
    if (this.#subscribers.size > 0) return;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  /**
   * Reads new rows and delivers them. The caller calls it after a commit, or when another process may have committed.
   * Resolves once the subscribers have got everything that was committed before the call.
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
      this.#restWhenAlone();
      for (const subscriber of all) subscriber.reset();
      return false;
    }
    if (read.lines.length === 0) return false;
    this.#position = read.lines.at(-1)!.seq;
    for (const subscriber of this.#subscribers) subscriber.deliver(read.lines);
    return read.full;
  }
}

/**
 * Reads and encodes the next lines of a channel after a cursor.
 *
 * @param after the cursor
 * @returns `tooOld`: the rows after the cursor were pruned, or the fleet does not exist, so the reader needs a
 *   snapshot; `head`: the number of the feed's last row; `full`: there may be more rows after these lines
 */
export async function readLines(
  sources: EventSources,
  channel: Channel,
  after: number,
): Promise<{ tooOld: boolean; head: number; lines: Line[]; full: boolean }> {
  const { tooOld, head, rows } = await sources.store.feed.read(channel.fleet, after, BATCH);
  if (tooOld || rows.length === 0) return { tooOld, head, lines: [], full: false };
  const fleet = await sources.store.fleets.find(channel.fleet);
  if (!fleet) return { tooOld: true, head, lines: [], full: false };
  // The steps are encoded concurrently. To decrypt a key costs one turn of the event loop, and 500 turns one after the
  // other cost seconds in a busy process.
  const lines = await Promise.all(coalesce(rows).map((step) => lineOf(sources, fleet, step)));
  return { tooOld, head, lines, full: rows.length === BATCH };
}

/** Encodes one step, from the cache of recent commits if possible. */
async function lineOf(sources: EventSources, fleet: Fleet, step: Step): Promise<Line> {
  const bytes = sources.recent.line(step) ?? (await encodeEvent(await eventOf(sources, fleet, step)));
  passed('sent', step.tenant);
  return { seq: step.seq, bytes };
}

/** Encodes the description of a fleet, which is the first line of every response. */
export const fleetLine = (fleet: Fleet): Uint8Array => encodeLine({ type: 'fleet', fleet: describeFleet(fleet) });

/**
 * The tails of all channels in this process. A commit wakes the tails of its channels at once, in this process and in
 * all others. If the announcement to another process is lost, that process finds the commit when it next polls the
 * store.
 */
export class Feeds {
  readonly sources: EventSources;
  readonly settings: Settings;
  readonly log: Log;
  readonly #tails = new Map<string, ChannelTail>();
  readonly #closing = new AbortController();

  constructor(sources: EventSources, settings: Settings, log: Log) {
    this.sources = sources;
    this.settings = settings;
    this.log = log;
    sources.store.news.listen((topic) => {
      if (topic === undefined) return this.#pump(this.#tails.keys());
      const channel = channelOf(topic);
      if (channel) this.#pump([keyOf(channel)]);
    });
  }

  /** A signal that is aborted when the process stops. All streams end then, and agents reconnect to another process. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The number of readers that follow a channel. */
  get streams(): number {
    let count = 0;
    for (const tail of this.#tails.values()) count += tail.size;
    return count;
  }

  /** Returns the tail of a channel. All readers of the channel share it. */
  tail(channel: Channel): ChannelTail {
    const key = keyOf(channel);
    let tail = this.#tails.get(key);
    if (!tail) {
      tail = new ChannelTail(this.sources, channel, () => this.#pump([key]), this.settings.feedPoll);
      this.#tails.set(key, tail);
    }
    return tail;
  }

  /**
   * Delivers the new events that this process wrote to these channels, and announces them to the other processes.
   *
   * @param commit the commit that wrote the events, if it was a commit. Most agents then get its events without a read
   *   from the store.
   */
  wake(channels: readonly Channel[], commit?: Commit): void {
    const keys = channels.map(keyOf);
    if (commit && keys.some((key) => this.#tails.get(key)?.size)) this.sources.recent.keep(commit);
    this.#pump(keys);
    this.sources.store.news.notify(...channels.map(topicOf));
  }

  /** Wakes the tails of these channels. It never throws: the next wake retries a read that failed. */
  #pump(keys: Iterable<string>): void {
    for (const key of keys) {
      const tail = this.#tails.get(key);
      if (!tail || tail.size === 0) continue;
      tail.pump().catch((err: unknown) => this.log.error({ channel: key, err }, 'reading the feed failed'));
    }
  }

  /** Ends all streams, because the process stops. */
  close(): void {
    this.#closing.abort();
  }
}
