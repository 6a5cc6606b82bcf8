/** A response with this many bytes gets no further resource. With this many under way, by default, none is sent. */
export const LARGE = 256 * 1024;

/** The most resources, or bytes of them, that one lane builds before others have a turn: about 50 ms of work. */
const MOST = 256;
const MOST_BYTES = LARGE;

/**
 * The work of one lane in one turn of the event loop. Very many resources may be due at once, and most of them may turn
 * out to be unchanged. Meanwhile, the agent would answer neither its clients nor the feed.
 */
export class Slice {
  readonly #wake: () => void;
  readonly #most: number;
  #built = 0;
  #bytes = 0;
  #next: NodeJS.Immediate | undefined;

  /** @param batch the most resources in one response */
  constructor(batch: number, wake: () => void) {
    this.#most = Math.max(MOST, batch);
    this.#wake = wake;
  }

  /** Whether the rest of the work must wait. */
  get isOver(): boolean {
    return this.#built >= this.#most || this.#bytes >= MOST_BYTES;
  }

  begin(): void {
    this.#built = 0;
    this.#bytes = 0;
  }

  built(bytes: number): void {
    this.#built++;
    this.#bytes += bytes;
  }

  /** Continues in the next turn, if the work is not done. */
  end(): void {
    if (this.isOver)
      this.#next ??= setImmediate(() => {
        this.#next = undefined;
        this.#wake();
      });
  }

  close(): void {
    clearImmediate(this.#next);
  }
}
