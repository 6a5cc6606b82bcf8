import { LRUCache } from 'lru-cache';
import { allItems } from '../every-item.ts';
import type { SetQuotas } from '../quotas.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Page } from '../store/query.ts';
import type { Store } from '../store/store.ts';

/** What all publications need to know of the fleets and plans. */
interface Platform {
  /**
   * The generation of the fleets. The guard of a batch compares it with the store. If the fleets have changed, the
   * feed rows of the batch may be wrong, so the batch writes nothing.
   */
  generation: number;
  /** The shared fleets, sorted by name. */
  shared: readonly Fleet[];
  /** The limits that each plan sets. A change of a plan increments the generation too. */
  plans: ReadonlyMap<string, SetQuotas>;
}

/** The fleets that may serve a tenant, and the plans, at one moment. */
export interface KnownFleets extends Pick<Platform, 'generation' | 'plans'> {
  /** The shared fleets, and those that are dedicated to the tenant. */
  all: readonly Fleet[];
}

/** The platform at one moment, with the dedicated fleets that were read since. */
interface Known extends Platform {
  dedicated: LRUCache<string, readonly Fleet[]>;
  named: LRUCache<string, { fleet: Fleet | undefined }>;
}

/** The largest number of tenants whose dedicated fleets are in memory, and of fleets by name. */
const MOST_KEPT = 2_000;
/** After this time, the generation is read again, in milliseconds. */
const FRESH_MS = 5_000;

/**
 * Keeps the shared fleets and the plans in memory, because there are few and every publication needs them. Every tenant
 * may have fleets of its own, so of these it keeps only those that were needed last. What it returns may be up to five
 * seconds old. This is safe, because the guard of each batch detects fleets that are outdated.
 */
export class FleetDirectory {
  readonly #store: Store;
  #known: Known | undefined;
  #readAt = 0;
  /**
   * The shared fleets as changes in this process are about to leave them. What tenants publish meanwhile needs proofs
   * as if these fleets served it already. Otherwise, a tenant could list again and again what a change must withdraw
   * first.
   */
  readonly coming = new Set<Fleet>();

  constructor(store: Store) {
    this.#store = store;
    store.news.listen((topic) => {
      if (topic === undefined || topic === 'fleets') this.#known = undefined;
    });
  }

  /**
   * Returns the shared fleets and the plans, from memory if possible. Concurrent callers each read the store. They
   * never share a promise, because on Workers a promise that another request created is cancelled when that request
   * ends.
   *
   * @param now the current time in milliseconds since 1970
   */
  platform(now: number): Promise<Platform> {
    return this.#current(now);
  }

  /**
   * Returns the fleets that may serve a tenant: the shared ones, and those that are dedicated to it, sorted by name.
   */
  async of(tenant: string, now: number): Promise<KnownFleets> {
    const { generation, shared, plans, dedicated } = await this.#current(now);
    let own = dedicated.get(tenant);
    if (!own) {
      own = await this.#store.fleets.dedicated(tenant);
      dedicated.set(tenant, own);
    }
    const all = own.length === 0 ? shared : [...shared, ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { generation, plans, all };
  }

  /** Finds any fleet by its name. */
  async find(name: string, now: number): Promise<Fleet | undefined> {
    const { named } = await this.#current(now);
    const kept = named.get(name);
    if (kept) return kept.fleet;
    const fleet = await this.#store.fleets.find(name);
    named.set(name, { fleet });
    return fleet;
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

  async #current(now: number): Promise<Known> {
    const kept = this.#known;
    if (kept !== undefined && now - this.#readAt <= FRESH_MS) return kept;
    // The generation is read before the fleets. If the fleets are newer than their generation, the batch only
    // conflicts. If the fleets were older, the batch would pass the guard with outdated fleets.
    const generation = await this.#store.fleets.generation();
    const known = kept?.generation === generation ? kept : await this.#read(generation);
    this.#readAt = now;
    return (this.#known = known);
  }

  async #read(generation: number): Promise<Known> {
    const shared = await allOf((page) => this.#store.fleets.shared(page));
    const plans = await allOf((page) => this.#store.plans.list(page));
    return {
      generation,
      shared,
      plans: new Map(plans.map(({ name, quotas }) => [name, quotas])),
      dedicated: new LRUCache({ max: MOST_KEPT }),
      named: new LRUCache({ max: MOST_KEPT }),
    };
  }
}

/** Reads a list that is sorted by name. */
const allOf = <T extends { name: string }>(read: (page: Page) => Promise<T[]>): Promise<T[]> =>
  allItems(read, ({ name }) => name, 500);
