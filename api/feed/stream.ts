import type { House } from '../context.ts';
import type { Fleet } from '../store/port.ts';
import { snapshot } from './snapshot.ts';
import { type FleetTail, fleetLine, type Line, readLines, type Subscriber } from './wake.ts';

const HEARTBEAT = new Uint8Array([0x0a]);

/** What a stream may read ahead of its reader while it catches up; the tail's own bound is the setting `feedBuffer`. */
const AHEAD = 1024 * 1024;

/**
 * One agent's stream: the fleet, a snapshot if its cursor is too old, what it missed, then the tail, until either side goes.
 * A reader that falls behind by more than `feedBuffer` is cut off: it comes back with its cursor, at no cost to the others.
 */
export class FeedStream implements Subscriber {
  readonly #house: House;
  readonly #name: string;
  readonly #tail: FleetTail;
  #cursor: number | undefined;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #drained: (() => void) | undefined;
  #ended = false;
  #wroteAt = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  readonly #end = () => this.#close();

  private constructor(house: House, fleet: string, after: number | undefined) {
    this.#house = house;
    this.#name = fleet;
    this.#tail = house.feeds.tail(fleet);
    this.#cursor = after;
  }

  /** @param after cursor to go on from; undefined = a snapshot */
  static open(house: House, fleet: string, after: number | undefined): ReadableStream<Uint8Array> {
    const stream = new FeedStream(house, fleet, after);
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => stream.#start(controller),
        pull: () => stream.#drained?.(),
        cancel: () => stream.#close(),
      },
      { highWaterMark: AHEAD, size: (chunk) => chunk.byteLength },
    );
  }

  deliver(lines: readonly Line[]): void {
    for (const { bytes, seq } of lines) {
      this.#write(bytes);
      this.#cursor = seq;
    }
    if (!this.#ended && AHEAD - (this.#controller.desiredSize ?? AHEAD) > this.#house.settings.feedBuffer) {
      this.#house.log.warn({ fleet: this.#name }, 'a feed reader is too slow: cut off');
      this.#close();
    }
  }

  reset(): void {
    this.#cursor = undefined;
    this.#begin();
  }

  #start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    const { feeds, settings } = this.#house;
    feeds.closing.addEventListener('abort', this.#end, { once: true });
    this.#heartbeat = setInterval(() => {
      if (performance.now() - this.#wroteAt >= settings.heartbeat) this.#write(HEARTBEAT);
    }, settings.heartbeat);
    this.#begin();
  }

  #begin(): void {
    this.#catchUp().catch((err: unknown) => {
      this.#house.log.error({ fleet: this.#name, err }, 'a feed stream failed');
      this.#close();
    });
  }

  async #catchUp(): Promise<void> {
    const { feeds, store } = this.#house;
    const fleet = await store.fleet(this.#name);
    if (!fleet) return this.#close();
    this.#write(fleetLine(fleet));
    while (!this.#ended) {
      if (this.#cursor === undefined) this.#cursor = await this.#snapshot();
      else if (this.#tail.join(this.#cursor, this)) return;
      const read = await readLines(feeds.sources, this.#name, this.#cursor);
      if (read.tooOld || this.#cursor > read.head) {
        this.#cursor = undefined;
        this.#write(fleetLine((await store.fleet(this.#name)) ?? fleet));
        continue;
      }
      for (const { bytes, seq } of read.lines) {
        await this.#room();
        this.#write(bytes);
        this.#cursor = seq;
      }
      // Nothing to read, yet not where the tail stands: it is the tail that is behind.
      if (read.lines.length === 0) await this.#tail.pump();
    }
  }

  async #snapshot(): Promise<number> {
    const fleet = (await this.#house.store.fleet(this.#name)) as Fleet;
    const lines = snapshot(this.#house.feeds.sources, fleet, this.#house.clock);
    for (;;) {
      const next = await lines.next();
      if (next.done) return next.value;
      await this.#room();
      if (this.#ended) return fleet.seq;
      this.#write(next.value);
    }
  }

  /** Waits until the reader has taken what is there. */
  #room(): Promise<void> | undefined {
    if (this.#ended || (this.#controller.desiredSize ?? 1) > 0) return undefined;
    return new Promise((resolve) => {
      this.#drained = () => {
        this.#drained = undefined;
        resolve();
      };
    });
  }

  #write(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#controller.enqueue(bytes);
    this.#wroteAt = performance.now();
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#heartbeat);
    this.#house.feeds.closing.removeEventListener('abort', this.#end);
    this.#tail.leave(this);
    this.#drained?.();
    try {
      this.#controller.close();
    } catch {
      // The reader cancelled: already closed.
    }
  }
}
