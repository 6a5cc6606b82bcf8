/** How long a request may hold the event loop at a time, in ms. Then other requests run. */
const SLICE_MS = 8;

/**
 * With fewer parts than this, the first slice is longer: a pause only gives other writers of the tenant time to commit
 * first.
 */
const FEW = 100;
/** Still limited, because a few parts may be large. */
const SLICE_OF_FEW_MS = 25;

/** The slice of requests that begin while others rest: many may begin in one turn of the event loop. */
const SHORTEST_SLICE_MS = 0.5;

/** @param times how many pauses the work has made, including this one */
export type Rest = (times: number) => Promise<void>;

/** The number of requests that pause at this moment. */
let count = 0;
let letOthersRun: Rest = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Replaces the timer per pause. A platform where requests may wake each other has a fairer way. */
export function restBy(rest: Rest): void {
  letOthersRun = rest;
}

/** Divides the work of one request into slices: call `if (pace.isDue) await pace.rest()` between two parts of it. */
export class Pace {
  #until: number;
  #rests = 0;

  /** @param parts the number of parts, if known */
  constructor(parts = FEW) {
    const slice = parts >= FEW ? SLICE_MS : SLICE_OF_FEW_MS;
    this.#until = performance.now() + Math.max(SHORTEST_SLICE_MS, slice / (count + 1));
  }

  get isDue(): boolean {
    return performance.now() >= this.#until;
  }

  /** Lets all waiting work run first. */
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

/** Runs work that can pause between its parts (at each `yield`), and rests when a slice is over. */
export async function inSlices<T>(work: Generator<unknown, T>, pace = new Pace()): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (pace.isDue) await pace.rest();
  }
}
