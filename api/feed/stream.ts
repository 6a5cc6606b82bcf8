import type { Services } from '../context.ts';
import type { Channel } from './channel.ts';
import type { Permission } from './permission.ts';
import { snapshot } from './snapshot.ts';
import { type ChannelTail, fleetLine, type Line, readLines, type Subscriber } from './wake.ts';

const HEARTBEAT = new Uint8Array([0x0a]);

/** Bytes that a stream may read ahead of its reader while it catches up. The setting `feedBuffer` limits the tail. */
const AHEAD = 1024 * 1024;

/**
 * The stream of one agent: the fleet, a snapshot if the agent's cursor is too old, the events that it missed, and then
 * the tail. It ends when either side closes it, or when the agent's token becomes invalid. Unread chunks are dropped
 * then, because they may contain private keys. A reader that falls behind by more than `feedBuffer` is disconnected, at
 * no cost to the others. It resumes with its cursor.
 */
export class FeedStream implements Subscriber {
  readonly #services: Services;
  readonly #channel: Channel;
  readonly #tail: ChannelTail;
  readonly #permission: Permission;
  #cursor: number | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** Chunks the reader has not read yet, and their bytes. */
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  /** Whether the reader waits for a chunk. */
  #isAwaited = false;
  #drained: (() => void) | undefined;
  #ended = false;
  #wroteAt = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  readonly #end = () => this.#close();
  readonly #forbid = () => {
    this.#services.log.info(this.#channel, "a feed stream's token has ended: cut off");
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

  /** @param after cursor from which to resume; undefined = send a snapshot */
  static open(
    services: Services,
    channel: Channel,
    after: number | undefined,
    permission: Permission,
  ): ReadableStream<Uint8Array> {
    const stream = new FeedStream(services, channel, after, permission);
    // The platform's own queue has size 0, because chunks in it could not be withdrawn.
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => stream.#start(controller),
        pull: () => stream.#feed(),
        cancel: () => stream.#forget(),
      },
      { highWaterMark: 0 },
    );
  }

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

  #begin(): void {
    this.#catchUp().catch((err: unknown) => {
      this.#services.log.error({ ...this.#channel, err }, 'a feed stream failed');
      this.#close();
    });
  }

  async #catchUp(): Promise<void> {
    const { feeds, store } = this.#services;
    // The token was authenticated from a cache. A revocation since then would have found no stream to end.
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
      // The store has no row after the cursor, but the tail is at another cursor: the tail must catch up.
      if (read.lines.length === 0) await this.#tail.pump();
    }
  }

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

  /** Waits until the reader has read all chunks. */
  #room(): Promise<void> | undefined {
    if (this.#ended || this.#unreadBytes < AHEAD) return undefined;
    return new Promise((resolve) => {
      this.#drained = () => {
        this.#drained = undefined;
        resolve();
      };
    });
  }

  #write(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#wroteAt = performance.now();
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.byteLength;
    if (this.#isAwaited) this.#feed();
  }

  /** Gives the reader the next chunk. The reader calls it once per chunk. */
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

  /** Ends the stream. Unread chunks are still delivered. */
  #close(): void {
    if (this.#ended) return;
    this.#finish();
    if (this.#unread.length === 0) this.#controller.close();
  }

  /** The reader disconnected. */
  #forget(): void {
    this.#unread = [];
    this.#finish();
  }

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
