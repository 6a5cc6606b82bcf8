/** Least recently used goes first; a Map keeps insertion order, so a touch is a delete and a set. */
export class Lru<K, V> {
  readonly #max: number;
  readonly #weigh: (value: V) => number;
  readonly #entries = new Map<K, V>();
  #weight = 0;
  /** Asked for again, as within one request, it is where it belongs: a touch costs more than finding it. */
  #newest: K | undefined;

  /** @param max what all that is kept may weigh; without `weigh`, how many are kept */
  constructor(max: number, weigh: (value: V) => number = () => 1) {
    this.#max = max;
    this.#weigh = weigh;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || key === this.#newest) return value;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#newest = key;
    return value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#newest = key;
    this.#weight += this.#weigh(value);
    // The newest stays, whatever it weighs.
    while (this.#weight > this.#max && this.#entries.size > 1) this.delete(this.#entries.keys().next().value as K);
  }

  delete(key: K): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    if (key === this.#newest) this.#newest = undefined;
    this.#weight -= this.#weigh(value);
  }

  deleteWhere(matches: (value: V) => boolean): void {
    for (const [key, value] of this.#entries) if (matches(value)) this.delete(key);
  }
}
