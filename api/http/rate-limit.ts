import { Problem } from '../problem.ts';

interface Bucket {
  tokens: number;
  at: number;
  /** The time in which an empty bucket fills, in milliseconds. */
  fills: number;
}

/** How fast a bucket fills, and how much it holds. */
export interface Rate {
  /** The name of the policy in response headers. */
  policy: string;
  /** What the limit counts, in the plural. Default: requests. */
  unit?: string;
  /** The units per second; 0 disables the limit. */
  perSecond: number;
  /** The units that may be used at once. At least 1. */
  burst: number;
}

/** The state of a bucket for one request. */
export class Allowance {
  readonly #rate: Rate;
  readonly #bucket: Bucket;

  constructor(rate: Rate, bucket: Bucket) {
    this.#rate = rate;
    this.#bucket = bucket;
  }

  /**
   * Charges the same request for more units. Later requests wait for them, but at most as long as for a whole burst.
   */
  add(units: number): void {
    this.#bucket.tokens = Math.max(-this.#rate.burst, this.#bucket.tokens - units);
  }

  /** Makes the headers of draft-ietf-httpapi-ratelimit-headers-10. */
  get headers(): Record<string, string> {
    const { policy, perSecond, burst } = this.#rate;
    const { tokens } = this.#bucket;
    return {
      'ratelimit-policy': `"${policy}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
      ratelimit: `"${policy}";r=${Math.max(0, Math.floor(tokens))};t=${Math.ceil((burst - tokens) / perSecond)}`,
    };
  }
}

/** The number of buckets from which on full ones are removed. */
const MANY = 10_000;
/** The shortest time between two searches for full buckets, in milliseconds. */
const LOOK_MS = 1_000;

/** Token buckets in this process: one per credential, which protects the process from overload, and one per tenant. */
export class RateLimit {
  readonly #default: Rate;
  readonly #buckets = new Map<string, Bucket>();
  /** When full buckets were last removed. */
  #lookedAt = 0;

  /**
   * @param perSecond the number of requests per second of one credential; 0 disables the limit
   * @param burst the number of requests that may arrive at once
   */
  constructor(perSecond: number, burst: number) {
    this.#default = { policy: 'default', perSecond, burst };
  }

  /**
   * Counts one request of a credential.
   *
   * @throws Problem `too-many-requests` with Retry-After and the headers of draft-ietf-httpapi-ratelimit-headers-10
   */
  count(key: string, now: number): Allowance | undefined {
    return this.charge(key, this.#default, 1, now);
  }

  /**
   * Charges a request.
   *
   * @param cost the units of the request; a request that costs more than a burst costs one burst
   * @returns undefined when there is no limit
   * @throws Problem `too-many-requests` with Retry-After and the headers of draft-ietf-httpapi-ratelimit-headers-10
   */
  charge(key: string, rate: Rate, cost: number, now: number): Allowance | undefined {
    const { policy, unit = 'requests', perSecond, burst } = rate;
    if (perSecond === 0) return undefined;
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      this.#forgetFull(now);
      bucket = { tokens: burst, at: now, fills: 0 };
      this.#buckets.set(key, bucket);
    }
    bucket.fills = (burst / perSecond) * 1000;
    // If the clock is set back, the bucket loses no tokens.
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    const units = Math.min(cost, burst);
    if (bucket.tokens < units) {
      const wait = Math.max(1, Math.ceil((units - bucket.tokens) / perSecond));
      throw new Problem('too-many-requests', {
        detail: `at most ${perSecond} ${unit} per second, ${burst} at once${cost > 1 ? `; this request counts as ${cost}` : ''}; send the next one in ${wait} s`,
        headers: {
          'retry-after': String(wait),
          'ratelimit-policy': `"${policy}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
          ratelimit: `"${policy}";r=${Math.max(0, Math.floor(bucket.tokens))};t=${wait}`,
        },
      });
    }
    bucket.tokens -= units;
    return new Allowance(rate, bucket);
  }

  /**
   * Removes full buckets. A new bucket is full too, so this loses nothing. The map then contains only active
   * credentials and tenants.
   */
  #forgetFull(now: number): void {
    if (this.#buckets.size < MANY || Math.abs(now - this.#lookedAt) < LOOK_MS) return;
    this.#lookedAt = now;
    // A bucket in debt needs twice the time.
    for (const [key, bucket] of this.#buckets) if (now - bucket.at >= 2 * bucket.fills) this.#buckets.delete(key);
  }
}
