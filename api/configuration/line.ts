import { within } from '../within.ts';

/** Who waits longer proceeds all the same: the one in front may have ended with its request. What both make of one head is settled by the store. */
const WAIT_MS = 5_000;

/**
 * Who writes to one tenant in this process. One at a time loads the head and builds the next one, in the order they came; the batches of
 * several may then be under way together.
 */
export class Line {
  readonly #waiting: { writer: object; start: () => void }[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #rest: () => void;
  #writer: object | undefined;

  /** @param rest called when nobody is left and nothing is under way */
  constructor(rest: () => void) {
    this.#rest = rest;
  }

  /** Resolves when it is this writer's turn. */
  async enter(writer: object): Promise<void> {
    if (this.#writer === undefined) {
      this.#writer = writer;
      return;
    }
    let waiting: { writer: object; start: () => void } | undefined;
    const turn = new Promise<true>((resolve) => {
      waiting = { writer, start: () => resolve(true) };
      this.#waiting.push(waiting);
    });
    if (await within(WAIT_MS, turn)) return;
    const at = this.#waiting.indexOf(waiting!);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#writer = writer;
  }

  /** The turn passes on; nothing happens when it has already. */
  leave(writer: object): void {
    if (this.#writer !== writer) return;
    const next = this.#waiting.shift();
    this.#writer = next?.writer;
    next?.start();
    this.#restIfDone();
  }

  /** @param batch settles when it is known what became of it */
  sent(batch: Promise<unknown>): void {
    this.#underWay.add(batch);
    const landed = () => {
      this.#underWay.delete(batch);
      this.#restIfDone();
    };
    batch.then(landed, landed);
  }

  /** Resolves when no batch is under way: what the store has now is what they left. */
  async landed(): Promise<void> {
    while (this.#underWay.size > 0)
      if (!(await within(WAIT_MS, Promise.allSettled(this.#underWay)))) this.#underWay.clear();
  }

  #restIfDone(): void {
    if (this.#writer === undefined && this.#underWay.size === 0) this.#rest();
  }
}
