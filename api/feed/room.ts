import { LRUCache } from 'lru-cache';
import { Pace } from '../pace.ts';
import { Problem } from '../problem.ts';
import type { Turns } from '../store/turns.ts';
import { within } from '../within.ts';
import type { Batch } from './batch.ts';

/** How often a response looks again whether there is room, in milliseconds, if no other response wakes it. */
const LOOK_AGAIN_MS = 250;

/** How long lines are kept for the next response that needs them, in milliseconds. Many agents may connect one by one. */
const KEPT_MS = 2000;

/**
 * The memory for the responses with one fleet's feed. They are prepared one after the other, and only while their
 * readers have read nearly everything that was prepared before. One line of a snapshot may be the whole configuration
 * of a tenant, and any number of agents may ask for it at once, and read nothing. Responses that need the same lines
 * share them: the lines are prepared once, and use memory once.
 */
export class FeedRoom {
  readonly #most: number;
  readonly #patience: number;
  readonly #turns: Turns | undefined;
  readonly #key: string;
  /** Shared by all responses: one short part after the other would keep other requests waiting. */
  #pace = new Pace();
  #streams = 0;
  /** The number of responses that may need shared lines. */
  #readers = 0;
  /** The latest shared lines. The room has none when no response has needed them for some time. */
  readonly #shared: LRUCache<string, Batch>;
  #forget: ReturnType<typeof setTimeout> | undefined;
  /** The number of responses that have a batch which their readers have not read completely. */
  readonly #holders = new Map<Batch, number>();
  /** The size of these batches. */
  #unread = 0;
  #waiting: (() => void)[] = [];

  /**
   * @param most the number of unread bytes from which nothing more is prepared; also the size of the latest shared lines
   * @param patience the longest time that a part waits for room, in milliseconds: until then, readers that read nothing
   *   are disconnected
   * @param turns absent on Workers, where a request must not wait for another one
   */
  constructor(fleet: string, { most, patience }: { most: number; patience: number }, turns: Turns | undefined) {
    this.#patience = patience;
    this.#key = `feed of ${fleet}`;
    this.#most = most;
    this.#turns = turns;
    this.#shared = new LRUCache({ maxSize: most, sizeCalculation: ({ size }) => size + 1 });
  }

  /**
   * Counts a stream.
   *
   * @param most the largest number of streams
   * @returns a function that ends the count of the stream
   * @throws Problem `too-many-requests` with Retry-After
   */
  enter(most: number): () => void {
    if (this.#streams >= most)
      throw new Problem('too-many-requests', {
        detail: `at most ${most} agents follow the feed of this fleet at once`,
        headers: { 'retry-after': '5' },
      });
    this.#streams++;
    let isIn = true;
    return () => {
      if (isIn) this.#streams--;
      isIn = false;
    };
  }

  /**
   * Counts a response that may need shared lines.
   *
   * @returns a function that ends the count of the response
   */
  read(): () => void {
    this.#readers++;
    let isReading = true;
    return () => {
      if (!isReading) return;
      isReading = false;
      if (--this.#readers === 0) this.#forgetSoon();
    };
  }

  /** Forgets the shared lines, unless another response soon needs them. */
  #forgetSoon(): void {
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => {
      if (this.#readers === 0) this.#shared.clear();
    }, KEPT_MS);
    // On Workers a timer is a number, and none keeps the process running.
    if (typeof this.#forget === 'object') this.#forget.unref();
  }

  /**
   * Returns lines that another response has prepared, or prepares them.
   *
   * @param key identifies the content of the lines: whoever prepares them now gets the same, or newer ones that are as
   *   good
   */
  async share<B extends Batch>(key: string, prepare: () => Promise<B>): Promise<B> {
    const known = this.#shared.get(key);
    if (known) return known as B;
    const batch = await prepare();
    if (this.#readers > 0) this.#shared.set(key, batch);
    return batch;
  }

  /**
   * Adds a batch that a response will send. A batch that several responses have counts once.
   *
   * @returns a function that the response calls once, when the batch was read or dropped
   */
  hold(batch: Batch): () => void {
    const holders = this.#holders.get(batch) ?? 0;
    this.#holders.set(batch, holders + 1);
    if (holders === 0) this.#unread += batch.size;
    return () => this.#free(batch);
  }

  #free(batch: Batch): void {
    const others = this.#holders.get(batch)! - 1;
    if (others > 0) {
      this.#holders.set(batch, others);
      return;
    }
    this.#holders.delete(batch);
    this.#unread -= batch.size;
    if (this.#unread >= this.#most) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /**
   * Prepares the next part of a response when there is room for it.
   *
   * @param isOver whether the response has ended
   * @returns undefined when the response has ended
   */
  async prepare<T>(isOver: () => boolean, work: () => Promise<T>): Promise<T | undefined> {
    const begin = async () => {
      const until = performance.now() + this.#patience;
      while (this.#unread >= this.#most && !isOver() && performance.now() < until) {
        const freed = new Promise<void>((resolve) => this.#waiting.push(resolve));
        await within(LOOK_AGAIN_MS, freed);
      }
      if (this.#pace.isDue) {
        await this.#pace.rest();
        // Work with few pauses continues before work with many. The room never ends, so its pauses must not add up.
        this.#pace = new Pace();
      }
      return isOver() ? undefined : work();
    };
    return this.#turns ? this.#turns.run(this.#key, begin) : begin();
  }
}
