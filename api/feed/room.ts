import { Problem } from '../problem.ts';
import type { Turns } from '../store/turns.ts';
import { within } from '../within.ts';

/** The size of one chunk of a response. A reader that reads slowly makes the API hold whole lines otherwise. */
const CHUNK = 64 * 1024;

/** How often a response looks again whether there is room, in milliseconds, if no other response wakes it. */
const LOOK_AGAIN_MS = 250;

/** Divides a line into chunks. They share its memory. */
export function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += CHUNK) chunks.push(bytes.subarray(at, at + CHUNK));
  return chunks;
}

/**
 * The memory for the responses with one fleet's feed. They are prepared one after the other, and only while their
 * readers have read nearly everything that was prepared before. One line of a snapshot may be the whole configuration
 * of a tenant, and any number of agents may ask for it at once, and read nothing.
 */
export class FeedRoom {
  readonly #most: number;
  readonly #patience: number;
  readonly #turns: Turns | undefined;
  readonly #key: string;
  #streams = 0;
  #unread = 0;
  #waiting: (() => void)[] = [];

  /**
   * @param most the number of unread bytes from which nothing more is prepared
   * @param patience the longest time that a part waits for room, in milliseconds: until then, readers that read nothing
   *   are disconnected
   * @param turns absent on Workers, where a request must not wait for another one
   */
  constructor(fleet: string, { most, patience }: { most: number; patience: number }, turns: Turns | undefined) {
    this.#patience = patience;
    this.#key = `feed of ${fleet}`;
    this.#most = most;
    this.#turns = turns;
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

  /** Adds bytes that were prepared. */
  hold(bytes: number): void {
    this.#unread += bytes;
  }

  /** Subtracts bytes that were read or dropped. */
  free(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread >= this.#most) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /**
   * Prepares the next part of a response when there is room for it.
   *
   * @param isOver whether the response has ended; the part is then prepared at once, and the caller drops it
   */
  async prepare<T>(isOver: () => boolean, work: () => Promise<T>): Promise<T> {
    const begin = async () => {
      const until = performance.now() + this.#patience;
      while (this.#unread >= this.#most && !isOver() && performance.now() < until) {
        const freed = new Promise<void>((resolve) => this.#waiting.push(resolve));
        await within(LOOK_AGAIN_MS, freed);
      }
      return work();
    };
    return this.#turns ? this.#turns.run(this.#key, begin) : begin();
  }
}
