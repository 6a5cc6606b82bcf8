/** One after the other, for each key, in the order they came. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Whether anybody has the turn, or waits for it. */
  has(key: string): boolean {
    return this.#last.has(key);
  }

  async take<T>(key: string, work: () => T | Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const mine = before === undefined ? Promise.try(work) : before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
