/** The largest number of lookups under way at the same time: of all tenants, and in the turn of one tenant. */
const [LIMIT, LIMIT_PER_TENANT] = [256, 16];
/** The shortest time for which a lookup counts, in ms: a tenant causes at most 160 lookups per second. */
const SHORTEST_MS = 100;

/**
 * The names that are due for a lookup. Tenants take turns, and the number of lookups of one tenant is limited. So the
 * names of a tenant that no name server answers do not hold back the names of others.
 */
export class LookupQueue {
  readonly #lookUp: (host: string) => Promise<void>;
  /** The names that are due by tenant. The tenant whose turn is next is first. A name may be there for several tenants. */
  readonly #turns = new Map<string, Set<string>>();
  readonly #due = new Set<string>();
  readonly #underWay = new Map<string, number>();
  #total = 0;

  constructor(lookUp: (host: string) => Promise<void>) {
    this.#lookUp = lookUp;
  }

  /** @param tenants the tenants that use the name: the lookup is done in the first of their turns */
  add(host: string, tenants: Iterable<string>): void {
    this.#due.add(host);
    for (const tenant of tenants) this.join(host, tenant);
  }

  /** Notes that one more tenant uses a name, which may wait for the turn of another. */
  join(host: string, tenant: string): void {
    if (!this.#due.has(host)) return;
    const names = this.#turns.get(tenant);
    if (names) names.add(host);
    else this.#turns.set(tenant, new Set([host]));
    this.#start();
  }

  /** Drops a name that nobody uses any more. */
  remove(host: string): void {
    this.#due.delete(host);
  }

  #start(): void {
    for (let next = this.#next(); next; next = this.#next()) void this.#run(...next);
  }

  async #run(host: string, tenant: string): Promise<void> {
    this.#count(tenant, 1);
    const shortest = new Promise((resolve) => setTimeout(resolve, SHORTEST_MS).unref());
    await Promise.all([this.#lookUp(host), shortest]);
    this.#count(tenant, -1);
    this.#start();
  }

  /** Takes the next name from the queue. @returns undefined when none is due, or too many lookups are under way */
  #next(): [host: string, tenant: string] | undefined {
    if (this.#total >= LIMIT) return undefined;
    for (const [tenant, names] of this.#turns) {
      if ((this.#underWay.get(tenant) ?? 0) >= LIMIT_PER_TENANT) continue;
      this.#turns.delete(tenant);
      for (const host of names) {
        names.delete(host);
        // The name may have been looked up in the turn of another tenant.
        if (!this.#due.delete(host)) continue;
        if (names.size > 0) this.#turns.set(tenant, names);
        return [host, tenant];
      }
    }
    return undefined;
  }

  #count(tenant: string, change: number): void {
    this.#total += change;
    const count = (this.#underWay.get(tenant) ?? 0) + change;
    if (count === 0) this.#underWay.delete(tenant);
    else this.#underWay.set(tenant, count);
  }
}
