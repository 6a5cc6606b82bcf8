import { LRUCache } from 'lru-cache';

/** The largest number of kept values. */
const MOST = 10_000;
/** The longest time until a change by another process has an effect, if its notice is lost. Milliseconds. */
const KEPT_MS = 5_000;

/**
 * Keeps for a short time what the database says about credentials and people. A value that was read while something was
 * dropped is not kept, because it may have been read before the change.
 */
export class RecentReads<Value extends object> {
  readonly #kept = new LRUCache<string, { value: Value; at: number }>({ max: MOST });
  /** The number of drops until now. */
  #drops = 0;

  /**
   * Returns the kept value of a key, or reads it.
   *
   * @param now the current time in milliseconds since 1970
   */
  async get<Read extends Value | undefined>(
    key: string,
    now: number,
    read: () => Promise<Read>,
  ): Promise<Read | Value> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && now - kept.at <= KEPT_MS) return kept.value;
    const drops = this.#drops;
    const value = await read();
    if (value !== undefined && drops === this.#drops) this.#kept.set(key, { value, at: now });
    return value;
  }

  /** Drops the value of a key. */
  drop(key: string): void {
    this.#drops++;
    this.#kept.delete(key);
  }

  /** Drops the values that match. */
  dropWhere(matches: (value: Value) => boolean): void {
    this.#drops++;
    for (const [key, { value }] of [...this.#kept.entries()]) if (matches(value)) this.#kept.delete(key);
  }

  /** Drops all values. */
  clear(): void {
    this.#drops++;
    this.#kept.clear();
  }
}
