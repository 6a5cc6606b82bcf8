/** A snapshot is the whole fleet: what is unreadable again and again costs one this often, in milliseconds. */
const PAUSE_MS = 60_000;

/**
 * Whether the replica misses something that the feed said, since a line of it was unreadable or an event could not be stored. The next event
 * of that tenant would not follow what is held, so a snapshot is asked for; whatever else the feed brings is taken meanwhile.
 */
export class Gaps {
  readonly #restart: () => void;
  #any = false;
  #startedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param restart follows the feed from a snapshot */
  constructor(restart: () => void) {
    this.#restart = restart;
  }

  get any(): boolean {
    return this.#any;
  }

  add(): void {
    this.#any = true;
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#startedAt = performance.now();
        this.#restart();
      },
      Math.max(0, this.#startedAt + PAUSE_MS - performance.now()),
    ).unref();
  }

  /** A snapshot begins. */
  startOver(): void {
    this.#any = false;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
