import { within } from '../../within.ts';

/**
 * After this long a request proceeds without its turn: the one in front may have ended with its client. The store
 * settles conflicts between both.
 */
const WAIT_MS = 5_000;

/**
 * The queue of writers to one tenant in this process. One at a time loads the head and builds the next one, in order of
 * arrival. The batches of several may be under way together.
 */
export class Line {
  readonly #waiting: { writer: object; start: () => void }[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #rest: () => void;
  #writer: object | undefined;

  /** @param rest called when the queue is empty and no batch is under way */
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

  /** Passes the turn on. Has no effect when it was passed on already. */
  leave(writer: object): void {
    if (this.#writer !== writer) return;
    const next = this.#waiting.shift();
    this.#writer = next?.writer;
    next?.start();
    this.#restIfDone();
  }

  /** @param batch settles once its outcome is known */
  sent(batch: Promise<unknown>): void {
    this.#underWay.add(batch);
    const landed = () => {
      this.#underWay.delete(batch);
      this.#restIfDone();
    };
    batch.then(landed, landed);
  }

  /** Resolves when no batch is under way, so that the store has everything they wrote. */
  async landed(): Promise<void> {
    while (this.#underWay.size > 0)
      if (!(await within(WAIT_MS, Promise.allSettled(this.#underWay)))) this.#underWay.clear();
  }

  #restIfDone(): void {
    if (this.#writer === undefined && this.#underWay.size === 0) this.#rest();
  }
}
