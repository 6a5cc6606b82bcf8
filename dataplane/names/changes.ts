/** Changes within this time are sent together. */
const GATHER_MS = 20;
/** How long a tenant's next changes wait for each endpoint that was sent, and at most, in ms. Envoy needs 0.025 ms for one. */
const [PER_ENDPOINT_MS, LONGEST_MS] = [0.2, 10_000];

export interface ChangesOptions {
  send: (clusters: ReadonlySet<string>) => void;
  tenantOf: (cluster: string) => string;
  /** Returns the number of endpoints of a cluster that come from names. */
  sizeOf: (cluster: string) => number;
}

/**
 * The clusters whose names have other addresses, until they are sent. A tenant whose names change all the time, or that
 * has thousands of them, gets a pause after each batch, so it takes a limited part of the time of Envoy's main thread.
 */
export class Changes {
  readonly #options: ChangesOptions;
  readonly #waiting = new Map<string, Set<string>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #pausedUntil = new Map<string, number>();

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  add(clusters: Iterable<string>): void {
    for (const cluster of clusters) {
      const tenant = this.#options.tenantOf(cluster);
      const waiting = this.#waiting.get(tenant);
      if (waiting) waiting.add(cluster);
      else {
        this.#waiting.set(tenant, new Set([cluster]));
        const ms = Math.max(GATHER_MS, (this.#pausedUntil.get(tenant) ?? 0) - performance.now());
        this.#timers.set(
          tenant,
          setTimeout(() => this.#send(tenant), ms),
        );
      }
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #send(tenant: string): void {
    const { send, sizeOf } = this.#options;
    const clusters = this.#waiting.get(tenant) ?? new Set();
    this.#waiting.delete(tenant);
    this.#timers.delete(tenant);
    const size = [...clusters].reduce((sum, cluster) => sum + sizeOf(cluster), 0);
    const now = performance.now();
    // Pauses that have ended are forgotten.
    for (const [each, until] of this.#pausedUntil) if (until <= now) this.#pausedUntil.delete(each);
    this.#pausedUntil.set(tenant, now + Math.min(size * PER_ENDPOINT_MS, LONGEST_MS));
    send(clusters);
  }
}
