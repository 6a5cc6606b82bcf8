import type { SetQuotas } from '../quotas.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Page } from '../store/query.ts';
import type { Store } from '../store/store.ts';

/** All fleets and plans at one moment. */
export interface KnownFleets {
  /**
   * The generation of the fleets. The guard of a batch compares it with the store. If the fleets have changed, the
   * feed rows of the batch may be wrong, so the batch writes nothing.
   */
  generation: number;
  all: readonly Fleet[];
  /** The limits that each plan sets. A change of a plan increments the generation too. */
  plans: ReadonlyMap<string, SetQuotas>;
}

/**
 * Keeps all fleets in memory, because there are few and every publication needs them. The list may be up to five
 * seconds old. This is safe, because the guard of each batch detects a list that is outdated.
 */
export class FleetDirectory {
  readonly #store: Store;
  #known: KnownFleets | undefined;
  #readAt = 0;

  constructor(store: Store) {
    this.#store = store;
    store.news.listen((topic) => {
      if (topic === undefined || topic === 'fleets') this.#known = undefined;
    });
  }

  /**
   * Returns all fleets, from memory if possible. Concurrent callers each read the store. They never share a promise,
   * because on Workers a promise that another request created is cancelled when that request ends.
   *
   * @param now the current time in milliseconds since 1970
   */
  async current(now: number): Promise<KnownFleets> {
    if (this.#known !== undefined && now - this.#readAt <= 5_000) return this.#known;
    const known = await this.#read();
    this.#readAt = now;
    return (this.#known = known);
  }

  /** Drops the fleets in memory, because they are outdated. */
  forget(): void {
    this.#known = undefined;
  }

  /** Drops the fleets in memory, in all processes, because this process has changed a fleet. */
  changed(): void {
    this.forget();
    this.#store.news.notify('fleets');
  }

  async #read(): Promise<KnownFleets> {
    // The generation is read before the fleets. If the fleets are newer than their generation, the batch only
    // conflicts. If the fleets were older, the batch would pass the guard with outdated fleets.
    const generation = await this.#store.fleets.generation();
    const all = await allOf((page) => this.#store.fleets.list(page));
    const plans = await allOf((page) => this.#store.plans.list(page));
    return { generation, all, plans: new Map(plans.map(({ name, quotas }) => [name, quotas])) };
  }
}

/** Reads all pages of a list that is sorted by name. */
async function allOf<T extends { name: string }>(list: (page: Page) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let after: string | undefined; ; after = all.at(-1)!.name) {
    const rows = await list({ limit: 500, ...(after !== undefined && { after }) });
    all.push(...rows);
    if (rows.length < 500) return all;
  }
}
