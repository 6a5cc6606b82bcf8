/** A request's work holds the event loop for so long at a time, ms; then others get their turn. */
const SLICE_MS = 8;

/** With fewer parts the first slice is longer: a rest only gives other writers of the tenant time to come first. */
const FEW = 100;
/** Not endless: a few parts may be large. */
const SLICE_OF_FEW_MS = 25;

/** Of requests that begin while others rest: many may begin in one turn of the event loop. */
const SHORTEST_SLICE_MS = 0.5;

/** @param times how often the work has rested, with this time */
export type Rest = (times: number) => Promise<void>;

/** How many rest now. */
let count = 0;
let letOthersRun: Rest = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A platform where requests may wake each other has a fairer way than a timer each. */
export function restBy(rest: Rest): void {
  letOthersRun = rest;
}

/** What one request computes, in slices: `if (pace.isDue) await pace.rest()` between two parts of it. */
export class Pace {
  #until: number;
  #rests = 0;

  /** @param parts how many there are, where that is known */
  constructor(parts = FEW) {
    const slice = parts >= FEW ? SLICE_MS : SLICE_OF_FEW_MS;
    this.#until = performance.now() + Math.max(SHORTEST_SLICE_MS, slice / (count + 1));
  }

  get isDue(): boolean {
    return performance.now() >= this.#until;
  }

  /** Lets everything that waits run first. */
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

/** Runs work that pauses between its parts (each `yield`), with rests where a slice is over. */
export async function inSlices<T>(work: Generator<unknown, T>, pace = new Pace()): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (pace.isDue) await pace.rest();
  }
}
