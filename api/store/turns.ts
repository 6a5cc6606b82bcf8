/** Runs work one at a time per key, in the order of the calls. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Whether work for this key is running or waiting. */
  has(key: string): boolean {
    return this.#last.has(key);
  }

  async run<T>(key: string, work: () => T | Promise<T>): Promise<T> {
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
