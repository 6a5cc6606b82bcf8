import type { Services } from '../context.ts';
import { type Batch, chunksOf } from './batch.ts';
import type { Channel } from './channel.ts';
import type { ChannelTail, Subscriber } from './channel-tail.ts';
import { type FleetLine, fleetLine } from './encode.ts';
import type { Permission } from './permission.ts';
import { type Lines, readLines } from './read-lines.ts';
import type { FeedRoom } from './room.ts';
import { snapshot } from './snapshot.ts';

/** A blank line. It shows the agent that the connection still works. */
const HEARTBEAT = new Uint8Array([0x0a]);

/**
 * The maximum number of bytes that a stream holds for its reader while it reads the store. A stream that has subscribed
 * to the tail has another limit, the setting `feedBuffer`.
 */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** A part of a line that the reader has not read yet. */
interface Chunk {
  bytes: Uint8Array;
  /** Frees the room of the lines of which this is the last chunk. */
  release?: (() => void) | undefined;
}

/** What a stream releases when it ends. */
interface StreamEnds {
  /** The permission of the agent. */
  permission: Permission;
  /** Ends the count of the stream in its room. */
  leave: () => void;
}

/**
 * The response stream of one agent, in four parts:
 *
 * 1. A description of the fleet.
 * 2. A snapshot, if the agent has no cursor or its cursor is too old.
 * 3. The events that the agent missed. The stream reads these from the store.
 * 4. Every new event. The stream subscribes to the tail of its channel for these. A channel is the feed of one fleet.
 *    Its tail reads and encodes each new event once for all subscribed streams. The position of the tail is the number
 *    of the last event that it has delivered. A stream can subscribe only when its cursor equals this position, so that
 *    it misses no event.
 *
 * The stream ends when either side closes it, or when the agent's token becomes invalid. In the latter case it drops
 * unread chunks, because they may contain private keys. The stream disconnects a reader that is more than `feedBuffer`
 * bytes behind, so that a slow reader does not delay the others. The agent reconnects and resumes with its cursor.
 */
export class FeedStream implements Subscriber {
  readonly #services: Services;
  readonly #channel: Channel;
  readonly #tail: ChannelTail;
  readonly #permission: Permission;
  readonly #room: FeedRoom;
  readonly #leave: () => void;
  /** The number of changes of the drained nodes that the last description of the fleet contained. */
  #drains = -1;
  /** The number of the last event that was written to the stream. Undefined when the reader needs a snapshot. */
  #cursor: number | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Chunks that the reader has not read yet. */
  #unread: Chunk[] = [];
  /** The total size of the unread chunks, in bytes. */
  #unreadBytes = 0;
  /** Whether the reader waits for the next chunk. */
  #isAwaited = false;
  /** Resolves the promise of `#untilRead`. Undefined while no such promise is pending. */
  #drained: (() => void) | undefined;
  #ended = false;
  /** The time of the last write, by `performance.now()`. */
  #wroteAt = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  readonly #onClosing = () => this.#close();
  /** Ends the stream because the token became invalid. */
  readonly #onRevoked = () => {
    this.#services.log.info(this.#channel, 'a feed stream was disconnected: its token is revoked or expired');
    this.#drop();
    this.#close();
  };

  private constructor(
    services: Services,
    channel: Channel,
    after: number | undefined,
    { permission, leave }: StreamEnds,
  ) {
    this.#services = services;
    this.#room = services.feeds.room(channel.fleet);
    this.#leave = leave;
    this.#channel = channel;
    this.#tail = services.feeds.tail(channel);
    this.#cursor = after;
    this.#permission = permission;
  }

  /**
   * Opens the stream of one agent.
   *
   * @param after the number of the last event that the agent has applied; undefined requests a snapshot
   * @param ends what the stream releases when it ends
   */
  static open(
    services: Services,
    channel: Channel,
    after: number | undefined,
    ends: StreamEnds,
  ): ReadableStream<Uint8Array> {
    const stream = new FeedStream(services, channel, after, ends);
    // With a size of 0, the platform's own queue stays empty. The stream cannot remove chunks from that queue, and must
    // drop unread chunks when the token becomes invalid.
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => stream.#start(controller),
        pull: () => stream.#sendNext(),
        cancel: () => stream.#onDisconnect(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Writes the lines of new events, which the tail delivers. Then disconnects a reader that is too far behind. */
  deliver({ lines, seq }: Lines): void {
    for (const bytes of lines) this.#write({ bytes });
    this.#cursor = seq;
    if (!this.#ended && this.#unreadBytes > this.#services.settings.feedBuffer) {
      this.#services.log.warn(this.#channel, 'a feed reader was disconnected: it is too slow');
      this.#close();
    }
  }

  get drains(): number {
    return this.#drains;
  }

  /** Writes the description of the fleet. */
  describe({ bytes, drains }: FleetLine): void {
    this.#drains = drains;
    this.#write({ bytes });
  }

  /**
   * Sends a snapshot next, and then the events after it. The tail calls this when the fleet was changed, or when rows
   * of its feed were pruned.
   */
  reset(): void {
    this.#cursor = undefined;
    this.#begin();
  }

  #start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    const { feeds, settings } = this.#services;
    feeds.closing.addEventListener('abort', this.#onClosing, { once: true });
    this.#permission.gone.addEventListener('abort', this.#onRevoked, { once: true });
    this.#heartbeat = setInterval(() => {
      void this.#permission.check();
      if (performance.now() - this.#wroteAt >= settings.heartbeat) this.#write({ bytes: HEARTBEAT });
    }, settings.heartbeat);
    this.#begin();
  }

  /** Starts to catch up. If that fails, it logs the error and ends the stream. */
  #begin(): void {
    const finish = this.#room.read();
    this.#catchUp()
      .catch((err: unknown) => {
        this.#services.log.error({ ...this.#channel, err }, 'a feed stream failed');
        this.#close();
      })
      .finally(finish);
  }

  /** Sends parts 1 to 3 of the stream: everything up to the tail's position. Then subscribes to the tail. */
  async #catchUp(): Promise<void> {
    const { feeds, store } = this.#services;
    // The token of the request was found in a cache. The token may have been revoked after it was cached and before
    // `Permission` began to watch it. Only a new read of the store shows that.
    await this.#permission.check();
    const fleet = await store.fleets.find(this.#channel.fleet);
    if (!fleet) return this.#close();
    this.describe(await fleetLine(store, fleet));
    while (!this.#ended) {
      await this.#untilRead();
      if (this.#ended) return;
      if (this.#cursor === undefined) this.#cursor = await this.#snapshot();
      else if (this.#tail.join(this.#cursor, this)) return;
      const after = this.#cursor;
      const read = await this.#prepare(() => readLines(feeds.sources, this.#channel, after, this.#room));
      if (!read) return;
      if (read.tooOld || this.#cursor > read.head) {
        this.#cursor = undefined;
        this.describe(await fleetLine(store, (await store.fleets.find(this.#channel.fleet)) ?? fleet));
        continue;
      }
      if (read.lines) {
        this.#hold(read.lines);
        this.#cursor = read.lines.seq;
      }
      // The cursor is at the end of the store, but `join` refused it, so the tail has not read the store up to there.
      else await this.#tail.pump();
    }
  }

  /** Sends a snapshot, and returns the cursor from which the stream resumes. */
  async #snapshot(): Promise<number> {
    const fleet = await this.#services.store.fleets.find(this.#channel.fleet);
    if (!fleet) throw new Error('the fleet was removed before its snapshot was read');
    const parts = snapshot(this.#services.feeds.sources, fleet, this.#services.clock, this.#room);
    for (;;) {
      await this.#untilRead();
      const next = await this.#prepare(() => parts.next());
      if (!next) return fleet.seq;
      if (next.done) return next.value;
      this.#hold(next.value);
    }
  }

  /** Prepares lines when the room of the fleet's responses has space for them; nothing when the stream has ended. */
  #prepare<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#room.prepare(() => this.#ended, work);
  }

  /** Writes lines that were prepared before the stream subscribed to the tail. They count in the room until then. */
  #hold(batch: Batch): void {
    if (this.#ended) return;
    const release = this.#room.hold(batch);
    const chunks = batch.lines.flatMap(chunksOf);
    for (const [index, bytes] of chunks.entries())
      this.#write({ bytes, release: index === chunks.length - 1 ? release : undefined });
  }

  /** Drops the unread chunks. */
  #drop(): void {
    for (const { release } of this.#unread) release?.();
    this.#unread = [];
  }

  /** Waits until fewer than `MAX_UNREAD_BYTES` bytes are unread. Returns undefined when no wait is necessary. */
  #untilRead(): Promise<void> | undefined {
    if (this.#ended || this.#unreadBytes < MAX_UNREAD_BYTES) return undefined;
    return new Promise((resolve) => {
      this.#drained = () => {
        this.#drained = undefined;
        resolve();
      };
    });
  }

  /** Appends a chunk to the unread ones, and hands it to a reader that waits. */
  #write(chunk: Chunk): void {
    if (this.#ended) return;
    this.#wroteAt = performance.now();
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.bytes.byteLength;
    if (this.#isAwaited) this.#sendNext();
  }

  /** Hands the next unread chunk to the reader. The platform calls it whenever the reader wants a chunk. */
  #sendNext(): void {
    const chunk = this.#unread.shift();
    this.#isAwaited = chunk === undefined;
    if (chunk === undefined) {
      if (this.#ended) this.#controller.close();
      return;
    }
    const { bytes, release } = chunk;
    this.#unreadBytes -= bytes.byteLength;
    release?.();
    if (this.#unreadBytes < MAX_UNREAD_BYTES) this.#drained?.();
    this.#controller.enqueue(bytes);
  }

  /** Ends the stream. The reader still gets the unread chunks. */
  #close(): void {
    if (this.#ended) return;
    this.#release();
    if (this.#unread.length === 0) this.#controller.close();
  }

  /** Ends the stream after the reader disconnected. */
  #onDisconnect(): void {
    this.#drop();
    this.#release();
  }

  /** Stops the timer, and unsubscribes from all signals and from the tail. */
  #release(): void {
    this.#ended = true;
    clearInterval(this.#heartbeat);
    this.#services.feeds.closing.removeEventListener('abort', this.#onClosing);
    this.#permission.gone.removeEventListener('abort', this.#onRevoked);
    this.#permission.release();
    this.#leave();
    this.#tail.leave(this);
    this.#drained?.();
  }
}
