/** The time after which a request must let other requests run, in milliseconds. */
const SLICE_MS = 8;

/**
 * Work with fewer parts than this number has a longer first slice, in which it can usually finish. A pause would let
 * other writers of the tenant commit first, and the work would then have to be repeated.
 */
const FEW = 100;
/** The first slice of such work, in milliseconds. It is limited, because a few parts may still be large. */
const SLICE_OF_FEW_MS = 25;

/**
 * The shortest first slice, in milliseconds. Many requests may begin in the same iteration of the event loop, so the
 * first slice is divided by the number of requests that pause, but never below this.
 */
const SHORTEST_SLICE_MS = 0.5;

/**
 * Pauses work until other requests have run.
 *
 * @param times the number of pauses of this work so far, including this one
 */
export type Rest = (times: number) => Promise<void>;

/** The number of requests that pause at this moment. */
let count = 0;
let letOthersRun: Rest = () => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Replaces the default pause, which uses one timer per pause. The API on Node uses `restInTurn` instead: of all paused
 * requests, the one with the fewest pauses continues first. On Workers, a request may not resume another one.
 */
export function restBy(rest: Rest): void {
  letOthersRun = rest;
}

/**
 * Divides the work of one request into slices. The work calls `if (pace.isDue) await pace.rest()` between two parts.
 */
export class Pace {
  #until: number;
  #rests = 0;

  /** @param parts the number of parts of the work, if it is known */
  constructor(parts = FEW) {
    const slice = parts >= FEW ? SLICE_MS : SLICE_OF_FEW_MS;
    this.#until = performance.now() + Math.max(SHORTEST_SLICE_MS, slice / (count + 1));
  }

  get isDue(): boolean {
    return performance.now() >= this.#until;
  }

  /** Pauses, so that all waiting work runs first. */
  async rest(): Promise<void> {
    count++;
    try {
      await letOthersRun(++this.#rests);
    } finally {
      count--;
    }
    this.#until = performance.now() + SLICE_MS;
  }
}

/** Runs work that can pause at each `yield`, and pauses it when its slice is over. */
export async function inSlices<T>(work: Generator<unknown, T>, pace = new Pace()): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (pace.isDue) await pace.rest();
  }
}
