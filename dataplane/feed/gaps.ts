/**
 * The shortest time between two snapshots in milliseconds. A snapshot contains the whole fleet. Without this pause, a
 * line that is always unreadable would cause one snapshot after the other.
 */
const PAUSE_MS = 60_000;

/**
 * Records whether the replica lacks a part of the feed, because a line was unreadable or an event could not be stored.
 * The tenant's next event would then not fit the stored configuration, so the agent requests a snapshot. Meanwhile it
 * applies other events.
 */
export class Gaps {
  readonly #restart: () => void;
  #any = false;
  #startedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** @param restart reconnects to the feed with a snapshot */
  constructor(restart: () => void) {
    this.#restart = restart;
  }

  get any(): boolean {
    return this.#any;
  }

  /** Notes a gap and schedules a snapshot. */
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

  /** Notes that a snapshot begins, which contains everything that is missing. */
  startOver(): void {
    this.#any = false;
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
