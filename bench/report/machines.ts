import type { Saved } from '../results.ts';

/** The machines on which results were measured. Results of different machines cannot be compared. */
export class Machines {
  readonly #names: string[];
  readonly #of: Map<object, string>;

  constructor(all: readonly Saved[]) {
    this.#names = [...new Set(all.map(({ machine }) => machine))];
    this.#of = new Map(all.map(({ result, machine }) => [result, machine]));
  }

  /** `A: …; B: …`, or the only machine. */
  get list(): string {
    const [only, ...more] = this.#names;
    if (more.length === 0) return `Machine: ${only}.`;
    const named = this.#names.map((name) => `${this.#letter(name)}: ${name}`);
    return `Machines: ${named.join('; ')}. They differ; compare what was measured on one.`;
  }

  /** `, on A`; empty when there is only one machine. */
  on(result: object): string {
    const machine = this.#of.get(result);
    return this.#names.length < 2 || machine === undefined ? '' : `, on ${this.#letter(machine)}`;
  }

  #letter(machine: string): string {
    return String.fromCharCode(65 + this.#names.indexOf(machine));
  }
}
