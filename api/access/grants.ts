import { LRUCache } from 'lru-cache';
import type { Store } from '../store/store.ts';
import type { Grants } from './principal.ts';

/** The longest time until a change by another API process has an effect, if its notice is lost. */
const CACHED_FOR_MS = 5_000;

/** The prefix of the topic that announces that the grants of a person changed. */
const OF_PERSON = 'grants/';

/** What people may do: their roles in tenants and in the platform, with a small cache. */
export class AllGrants {
  readonly #store: Store;
  readonly #cache = new LRUCache<string, { grants: Grants; at: number }>({ max: 10_000 });

  constructor(store: Store) {
    this.#store = store;
    store.news.listen((topic) => {
      if (topic === undefined || topic === 'grants') this.#cache.clear();
      else if (topic.startsWith(OF_PERSON)) this.#cache.delete(topic.slice(OF_PERSON.length));
    });
  }

  /**
   * Returns the grants of a person; no grants for an unknown person.
   *
   * @param now the current time in milliseconds since 1970
   */
  async of(person: string, now: number): Promise<Grants> {
    const cached = this.#cache.get(person);
    if (cached !== undefined && now - cached.at <= CACHED_FOR_MS) return cached.grants;
    const grants = await this.#store.members.grants(person);
    this.#cache.set(person, { grants, at: now });
    return grants;
  }

  /** Drops the grants of a person in all processes. The caller calls it after it has changed them. */
  changed(person: string): void {
    this.#cache.delete(person);
    this.#store.news.notify(`${OF_PERSON}${person}`);
  }

  /** Drops all grants in all processes. The caller calls it after it has removed a tenant. */
  changedForAll(): void {
    this.#cache.clear();
    this.#store.news.notify('grants');
  }
}
