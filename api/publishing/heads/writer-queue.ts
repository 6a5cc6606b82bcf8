import { within } from '../../within.ts';

/**
 * The time after which a request proceeds without its turn, in milliseconds. The request before it may have ended when
 * its client disconnected, without passing the turn. If both still write, the guards of the batches decide.
 */
const WAIT_MS = 5_000;

/**
 * The queue of the writers of one tenant in this process. One writer at a time loads the head and builds the next one,
 * in the order in which the requests arrived. The batches of several writers may run at the same time.
 */
export class WriterQueue {
  readonly #waiting: { writer: object; start: () => void }[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #rest: () => void;
  #writer: object | undefined;

  /** @param rest called when the queue is empty and no batch is running */
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

  /** Passes the turn to the next writer. Has no effect when this writer does not have the turn. */
  leave(writer: object): void {
    if (this.#writer !== writer) return;
    const next = this.#waiting.shift();
    this.#writer = next?.writer;
    next?.start();
    this.#restIfDone();
  }

  /**
   * Records that a batch is running.
   *
   * @param batch resolves or rejects when the outcome of the batch is known
   */
  sent(batch: Promise<unknown>): void {
    this.#underWay.add(batch);
    const landed = () => {
      this.#underWay.delete(batch);
      this.#restIfDone();
    };
    batch.then(landed, landed);
  }

  /** Waits until no batch is running, so that the store has all their changes. */
  async landed(): Promise<void> {
    while (this.#underWay.size > 0)
      if (!(await within(WAIT_MS, Promise.allSettled(this.#underWay)))) this.#underWay.clear();
  }

  #restIfDone(): void {
    if (this.#writer === undefined && this.#underWay.size === 0) this.#rest();
  }
}
