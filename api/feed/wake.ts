import type { FeedEvent } from '../../wire/feed.ts';
import { passed } from '../../wire/milestones.ts';
import type { Log } from '../context.ts';
import { Pace } from '../pace.ts';
import type { Settings } from '../settings.ts';
import type { Commit } from '../store/commit.ts';
import type { Fleet } from '../store/fleets.ts';
import { type Channel, channelOf, keyOf, topicOf } from './channel.ts';
import { describeFleet, type EventSources, eventOf } from './events.ts';
import { coalesce, type Step } from './for-fleet.ts';

/** One line of the feed, encoded once for every stream. `seq` is the cursor after it. */
export interface Line {
  seq: number;
  bytes: Uint8Array;
}

export interface Subscriber {
  /** Called in commit order. Must not block. */
  deliver(lines: readonly Line[]): void;
  /** The fleet was redefined, or rows were pruned: the subscriber must start over with a snapshot. */
  reset(): void;
}

const encoder = new TextEncoder();
export const encodeLine = (event: object): Uint8Array => encoder.encode(`${JSON.stringify(event)}\n`);

/** Encoding this many resources is so quick that it needs no pause. */
const FEW = 100;

/** The line of a tenant with very many resources. Other requests are answered in between. */
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

/** Rows per read of the feed. It limits the memory that a burst needs. */
const BATCH = 500;

/** The tail of one channel. It reads and encodes each step once, however many agents follow it. */
export class ChannelTail {
  readonly #sources: EventSources;
  readonly #channel: Channel;
  readonly #subscribers = new Set<Subscriber>();
  #position = -1;
  #pumping: Promise<void> | undefined;
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

  get size(): number {
    return this.#subscribers.size;
  }

  /**
   * Subscribes if the tail is at `cursor`. Otherwise it returns false, and the stream reads by its own queries until it
   * reaches the tail. An idle tail starts at the cursor of its first subscriber.
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

  leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    this.#restWhenAlone();
  }

  /** Stops the timer of a tail without subscribers: on Workers a timer would keep the Durable Object in memory. */
  #restWhenAlone(): void {
    if (this.#subscribers.size > 0) return;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  /**
   * Called when something was committed, or may have been. Resolves once everything that was committed before the call
   * is delivered.
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

  async #drain(): Promise<void> {
    do {
      this.#again = false;
      for (let more = this.#subscribers.size > 0; more; ) more = await this.#step();
    } while (this.#again);
  }

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

/** The next lines after a cursor. `full` means that there may be more. */
export async function readLines(
  sources: EventSources,
  channel: Channel,
  after: number,
): Promise<{ tooOld: boolean; head: number; lines: Line[]; full: boolean }> {
  const { tooOld, head, rows } = await sources.store.feed.read(channel.fleet, after, BATCH);
  if (tooOld || rows.length === 0) return { tooOld, head, lines: [], full: false };
  const fleet = await sources.store.fleets.find(channel.fleet);
  if (!fleet) return { tooOld: true, head, lines: [], full: false };
  // All at once: decrypting a key takes one turn of the event loop, and 500 turns in sequence take seconds in a busy
  // process.
  const lines = await Promise.all(coalesce(rows).map((step) => lineOf(sources, fleet, step)));
  return { tooOld, head, lines, full: rows.length === BATCH };
}

async function lineOf(sources: EventSources, fleet: Fleet, step: Step): Promise<Line> {
  const bytes = sources.recent.line(step) ?? (await encodeEvent(await eventOf(sources, fleet, step)));
  passed('sent', step.tenant);
  return { seq: step.seq, bytes };
}

export const fleetLine = (fleet: Fleet): Uint8Array => encodeLine({ type: 'fleet', fleet: describeFleet(fleet) });

/**
 * The tails of all channels in this process. A commit wakes its channels at once, in this process and in the others. If
 * the announcement to another process is lost, that process finds the commit by polling.
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

  /** Aborted when the process stops: streams end, agents reconnect elsewhere. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Number of readers that follow a channel. */
  get streams(): number {
    let count = 0;
    for (const tail of this.#tails.values()) count += tail.size;
    return count;
  }

  /** The tail of a channel, the same for all its readers. */
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
   * Delivers what is new on these channels, written by this process.
   *
   * @param commit the write, if it was a commit: its events then need no read from the store
   */
  wake(channels: readonly Channel[], commit?: Commit): void {
    const keys = channels.map(keyOf);
    if (commit && keys.some((key) => this.#tails.get(key)?.size)) this.sources.recent.keep(commit);
    this.#pump(keys);
    this.sources.store.news.tell(...channels.map(topicOf));
  }

  /** Never throws: a read that fails is retried at the next wake. */
  #pump(keys: Iterable<string>): void {
    for (const key of keys) {
      const tail = this.#tails.get(key);
      if (!tail || tail.size === 0) continue;
      tail.pump().catch((err: unknown) => this.log.error({ channel: key, err }, 'reading the feed failed'));
    }
  }

  close(): void {
    this.#closing.abort();
  }
}
