import type { Store } from '../store/store.ts';
import type { Grants } from './principal.ts';
import { RecentReads } from './recent-reads.ts';

/** The prefix of the topic that announces that the grants of a person changed. */
const OF_PERSON = 'grants/';

/** What people may do: their roles in tenants and in the platform, with a small cache. */
export class AllGrants {
  readonly #store: Store;
  readonly #cache = new RecentReads<Grants>();

  constructor(store: Store) {
    this.#store = store;
    store.news.listen((topic) => {
      if (topic === undefined || topic === 'grants') this.#cache.clear();
      else if (topic.startsWith(OF_PERSON)) this.#cache.drop(topic.slice(OF_PERSON.length));
    });
  }

  /**
   * Returns the grants of a person; no grants for an unknown person.
   *
   * @param now the current time in milliseconds since 1970
   */
  of(person: string, now: number): Promise<Grants> {
    return this.#cache.get(person, now, () => this.#store.members.grants(person));
  }

  /** Drops the grants of a person in all processes. The caller calls it after it has changed them. */
  changed(person: string): void {
    this.#cache.drop(person);
    this.#store.news.notify(`${OF_PERSON}${person}`);
  }

  /** Drops all grants in all processes. The caller calls it after it has removed a tenant. */
  changedForAll(): void {
    this.#cache.clear();
    this.#store.news.notify('grants');
  }
}
