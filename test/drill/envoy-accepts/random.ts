import { random } from '../../history/random.ts';

/** Random choices. The same seed gives the same choices, so that a run can be repeated. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.#next() * bound);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** A concatenation of `from` to `to` random parts. */
  some<T>(from: number, to: number, make: () => T): T[] {
    return Array.from({ length: from + this.below(to - from + 1) }, make);
  }

  /** An optional member. */
  maybe<T>(percent: number, name: string, make: () => T): Record<string, T> {
    return this.chance(percent) ? { [name]: make() } : {};
  }
}
