/** How long clients wait for the first answer of a name, and how much of this a tenant has per minute, in ms. */
const [LONGEST_MS, PER_MINUTE_MS] = [2_000, 3_000];
/** A wait that is not longer does not count: most answers arrive earlier. */
const FREE_MS = 200;
const MINUTE_MS = 60_000;

/**
 * How long clients wait for the first answers about a tenant's names. While they wait, the agent cannot report that later
 * changes are live, also of other tenants. So a tenant whose names are answered slowly or not at all has a limited time.
 */
export class Patience {
  readonly #waited = new Map<string, number>();
  #since = performance.now();

  /** Returns how long clients wait for one more name. */
  of(tenant: string): number {
    const now = performance.now();
    if (now - this.#since > MINUTE_MS) {
      this.#waited.clear();
      this.#since = now;
    }
    return Math.min(LONGEST_MS, Math.max(0, PER_MINUTE_MS - (this.#waited.get(tenant) ?? 0)));
  }

  /** Notes that clients waited for a name. */
  waited(tenant: string, ms: number): void {
    if (ms > FREE_MS) this.#waited.set(tenant, (this.#waited.get(tenant) ?? 0) + ms);
  }
}
