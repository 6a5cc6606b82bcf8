import type { Fleet } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';

export interface KnownFleets {
  /** What the batch's guard compares: feeds computed from other fleets than there are now write nothing. */
  generation: number;
  all: readonly Fleet[];
}

/** All fleets, in memory: there are few, and every publish needs them. Staleness is safe (the batch's guard) and brief. */
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

  /** Those who ask at once each read: on Workers a promise of another request's may end with that request. */
  async current(now: number): Promise<KnownFleets> {
    if (this.#known !== undefined && now - this.#readAt <= 5_000) return this.#known;
    const known = await this.#read();
    this.#readAt = now;
    return (this.#known = known);
  }

  /** What is known is not so any more. */
  forget(): void {
    this.#known = undefined;
  }

  /** Fleets were changed, by this process. */
  changed(): void {
    this.forget();
    this.#store.news.tell('fleets');
  }

  async #read(): Promise<KnownFleets> {
    // The generation first: fleets newer than their generation only cost a conflict, older ones would pass the guard.
    const generation = await this.#store.fleets.generation();
    const all: Fleet[] = [];
    for (let after: string | undefined; ; after = all.at(-1)!.name) {
      const rows = await this.#store.fleets.list({ limit: 500, ...(after !== undefined && { after }) });
      all.push(...rows);
      if (rows.length < 500) return { generation, all };
    }
  }
}
