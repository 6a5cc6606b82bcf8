import type { Log } from '../context.ts';
import type { Settings } from '../settings.ts';
import type { Commit } from '../store/commit.ts';
import type { Turns } from '../store/turns.ts';
import { type Channel, channelOf, keyOf, topicOf } from './channel.ts';
import { ChannelTail } from './channel-tail.ts';
import type { EventSources } from './event-sources.ts';
import { FeedRoom } from './room.ts';

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
  readonly #rooms = new Map<string, FeedRoom>();
  readonly #turns: Turns | undefined;
  readonly #closing = new AbortController();

  /** @param turns absent on Workers, where a request must not wait for another one */
  constructor(sources: EventSources, settings: Settings, log: Log, turns?: Turns) {
    this.#turns = turns;
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

  /** Returns the room for the responses with the feed of a fleet. */
  room(fleet: string): FeedRoom {
    let room = this.#rooms.get(fleet);
    if (!room) {
      const { feedBuffer: most, unreadTimeout: patience } = this.settings;
      room = new FeedRoom(fleet, { most, patience }, this.#turns);
      this.#rooms.set(fleet, room);
    }
    return room;
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
