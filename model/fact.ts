/**
 * A fact about objects that do not change, such as a configuration's routes. Each object keeps it as a hidden member:
 * with very many tenants, a WeakMap of the facts about all of them takes the garbage collector longer.
 *
 * @example if (isKnown.of(routes) === undefined) isKnown.note(routes, true)
 */
export class Fact<T> {
  readonly #key = Symbol('fact');

  /** Returns what was noted about an object; undefined when nothing was. */
  of(object: object): T | undefined {
    return (object as Record<symbol, T | undefined>)[this.#key];
  }

  /** Notes the fact about an object, and returns it. */
  note(object: object, fact: T): T {
    (object as Record<symbol, T>)[this.#key] = fact;
    return fact;
  }
}
