import { Problem } from '../problem.ts';

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * A token bucket per credential, in this process. It protects the process from overload, and is not a quota of a
 * tenant.
 */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perSecond the number of requests per second; 0 disables the limit
   * @param burst the number of requests that may arrive at once
   */
  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /**
   * Counts one request.
   *
   * @throws Problem `too-many-requests` with Retry-After and the headers of draft-ietf-httpapi-ratelimit-headers-10
   */
  count(key: string, now: number): void {
    if (this.#perSecond === 0) return;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      this.#forgetFull(now);
      bucket = { tokens: this.#burst, at: now };
      this.#buckets.set(key, bucket);
    }
    // If the clock is set back, the bucket loses no tokens.
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) {
      const wait = Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perSecond));
      throw new Problem('too-many-requests', {
        detail: `at most ${this.#perSecond} requests per second, ${this.#burst} at once`,
        headers: {
          'retry-after': String(wait),
          'ratelimit-policy': `"default";q=${this.#burst};w=${Math.ceil(this.#burst / this.#perSecond)}`,
          ratelimit: `"default";r=0;t=${wait}`,
        },
      });
    }
    bucket.tokens -= 1;
  }

  /**
   * Removes full buckets. A new bucket is full too, so this loses nothing. The map then contains only active
   * credentials.
   */
  #forgetFull(now: number): void {
    if (this.#buckets.size < 10_000) return;
    const refill = (this.#burst / this.#perSecond) * 1000;
    for (const [key, bucket] of this.#buckets) if (now - bucket.at >= refill) this.#buckets.delete(key);
  }
}
