import type { Services } from '../context.ts';
import type { Channel } from './channel.ts';
import type { ChannelTail, Subscriber } from './channel-tail.ts';
import { fleetLine } from './encode.ts';
import type { Permission } from './permission.ts';
import { type Line, readLines } from './read-lines.ts';
import { snapshot } from './snapshot.ts';

/** A blank line. It shows the agent that the connection still works. */
const HEARTBEAT = new Uint8Array([0x0a]);

/**
 * The number of bytes that a stream reads from the store before its reader has read them, while the stream catches up.
 * Once the stream follows the tail, the setting `feedBuffer` is the limit instead.
 */
const AHEAD = 1024 * 1024;

/**
 * The response stream of one agent. It sends a description of the fleet, then a snapshot if the agent's cursor is too
 * old, then the events that the agent missed, and then every new event from the channel's tail.
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
  /** The number of the last event that was written to the stream. Undefined when the reader needs a snapshot. */
  #cursor: number | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Chunks that the reader has not read yet. */
  #unread: Uint8Array[] = [];
  /** The total size of the unread chunks, in bytes. */
  #unreadBytes = 0;
  /** Whether the reader waits for the next chunk. */
  #isAwaited = false;
  /** Ends the wait in `#room`. Undefined while nothing waits there. */
  #drained: (() => void) | undefined;
  #ended = false;
  /** The time of the last write, by `performance.now()`. */
  #wroteAt = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  readonly #end = () => this.#close();
  /** Ends the stream because the token became invalid. */
  readonly #forbid = () => {
    this.#services.log.info(this.#channel, 'a feed stream was disconnected: its token is revoked or expired');
    this.#unread = [];
    this.#close();
  };

  private constructor(services: Services, channel: Channel, after: number | undefined, permission: Permission) {
    this.#services = services;
    this.#channel = channel;
    this.#tail = services.feeds.tail(channel);
    this.#cursor = after;
    this.#permission = permission;
  }

  /**
   * Opens the stream of one agent.
   *
   * @param after the cursor from which to resume; undefined requests a snapshot
   * @param permission the permission of the agent; the stream releases it when it ends
   */
  static open(
    services: Services,
    channel: Channel,
    after: number | undefined,
    permission: Permission,
  ): ReadableStream<Uint8Array> {
    const stream = new FeedStream(services, channel, after, permission);
    // The platform's queue has size 0, because the stream could not remove chunks from that queue.
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => stream.#start(controller),
        pull: () => stream.#feed(),
        cancel: () => stream.#forget(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Writes new lines of the tail, and disconnects a reader that is too far behind. See `Subscriber`. */
  deliver(lines: readonly Line[]): void {
    for (const { bytes, seq } of lines) {
      this.#write(bytes);
      this.#cursor = seq;
    }
    if (!this.#ended && this.#unreadBytes > this.#services.settings.feedBuffer) {
      this.#services.log.warn(this.#channel, 'a feed reader was disconnected: it is too slow');
      this.#close();
    }
  }

  /** Starts over with a snapshot. See `Subscriber`. */
  reset(): void {
    this.#cursor = undefined;
    this.#begin();
  }

  #start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    const { feeds, settings } = this.#services;
    feeds.closing.addEventListener('abort', this.#end, { once: true });
    this.#permission.gone.addEventListener('abort', this.#forbid, { once: true });
    this.#heartbeat = setInterval(() => {
      void this.#permission.check();
      if (performance.now() - this.#wroteAt >= settings.heartbeat) this.#write(HEARTBEAT);
    }, settings.heartbeat);
    this.#begin();
  }

  /** Starts to catch up. If that fails, it logs the error and ends the stream. */
  #begin(): void {
    this.#catchUp().catch((err: unknown) => {
      this.#services.log.error({ ...this.#channel, err }, 'a feed stream failed');
      this.#close();
    });
  }

  /** Sends everything up to the position of the tail, and then subscribes to the tail. */
  async #catchUp(): Promise<void> {
    const { feeds, store } = this.#services;
    // The request was authenticated from a cache. If the token was revoked before this stream watched it, only a new
    // read finds that out.
    await this.#permission.check();
    const fleet = await store.fleets.find(this.#channel.fleet);
    if (!fleet) return this.#close();
    this.#write(fleetLine(fleet));
    while (!this.#ended) {
      if (this.#cursor === undefined) this.#cursor = await this.#snapshot();
      else if (this.#tail.join(this.#cursor, this)) return;
      const read = await readLines(feeds.sources, this.#channel, this.#cursor);
      if (read.tooOld || this.#cursor > read.head) {
        this.#cursor = undefined;
        this.#write(fleetLine((await store.fleets.find(this.#channel.fleet)) ?? fleet));
        continue;
      }
      for (const { bytes, seq } of read.lines) {
        await this.#room();
        this.#write(bytes);
        this.#cursor = seq;
      }
      // The store has no row after the cursor, but the tail has another position. So the tail must read the store too.
      if (read.lines.length === 0) await this.#tail.pump();
    }
  }

  /** Sends a snapshot, and returns the cursor from which the stream resumes. */
  async #snapshot(): Promise<number> {
    const fleet = await this.#services.store.fleets.find(this.#channel.fleet);
    if (!fleet) throw new Error('the fleet was removed before its snapshot was read');
    const lines = snapshot(this.#services.feeds.sources, fleet, this.#services.clock);
    for (;;) {
      const next = await lines.next();
      if (next.done) return next.value;
      await this.#room();
      if (this.#ended) return fleet.seq;
      this.#write(next.value);
    }
  }

  /** Waits until fewer than `AHEAD` bytes are unread. Returns undefined when no wait is necessary. */
  #room(): Promise<void> | undefined {
    if (this.#ended || this.#unreadBytes < AHEAD) return undefined;
    return new Promise((resolve) => {
      this.#drained = () => {
        this.#drained = undefined;
        resolve();
      };
    });
  }

  /** Appends a chunk to the unread ones, and hands it to a reader that waits. */
  #write(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#wroteAt = performance.now();
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.byteLength;
    if (this.#isAwaited) this.#feed();
  }

  /** Hands the next unread chunk to the reader. The platform calls it whenever the reader wants a chunk. */
  #feed(): void {
    const bytes = this.#unread.shift();
    this.#isAwaited = bytes === undefined;
    if (bytes === undefined) {
      if (this.#ended) this.#controller.close();
      return;
    }
    this.#unreadBytes -= bytes.byteLength;
    if (this.#unreadBytes < AHEAD) this.#drained?.();
    this.#controller.enqueue(bytes);
  }

  /** Ends the stream. The reader still gets the unread chunks. */
  #close(): void {
    if (this.#ended) return;
    this.#finish();
    if (this.#unread.length === 0) this.#controller.close();
  }

  /** Ends the stream after the reader disconnected. */
  #forget(): void {
    this.#unread = [];
    this.#finish();
  }

  /** Stops the timer, and unsubscribes from all signals and from the tail. */
  #finish(): void {
    this.#ended = true;
    clearInterval(this.#heartbeat);
    this.#services.feeds.closing.removeEventListener('abort', this.#end);
    this.#permission.gone.removeEventListener('abort', this.#forbid);
    this.#permission.release();
    this.#tail.leave(this);
    this.#drained?.();
  }
}
