import { Problem } from '../problem.ts';

/** Counts the requests that may wait for a revision, in this process. Each of them is woken by every report. */
export class WaitingRequests {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most the largest number of requests per key */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts a request that will wait. The caller calls this before the request changes anything.
   *
   * @param key the tenant whose revision the request waits for
   * @returns a function that ends the count of the request
   * @throws Problem `too-many-requests` with Retry-After
   */
  enter(key: string): () => void {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#most)
      throw new Problem('too-many-requests', {
        detail: `at most ${this.#most} requests of a tenant wait at once with \`Prefer: wait\`; nothing was changed`,
        headers: { 'retry-after': '5' },
      });
    this.#counts.set(key, count + 1);
    return () => {
      const left = this.#counts.get(key)! - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    };
  }
}
