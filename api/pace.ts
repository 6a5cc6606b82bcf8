/** A request's work holds the event loop for so long at a time, ms; then others get their turn. */
const SLICE_MS = 8;

/** With fewer parts a slice is longer: a rest only gives other writers of the tenant time to come first. */
const FEW = 100;
/** Not endless: a few parts may be large. */
const SLICE_OF_FEW_MS = 25;

/** Requests that rest now. All of them may resume in one turn of the event loop, before it reads from any socket. */
let resting = 0;
const SHORTEST_SLICE_MS = 1;

/** What one request computes, in slices: `if (pace.isDue) await pace.rest()` between two parts of it. */
export class Pace {
  readonly #slice: number;
  #until: number;

  /** @param parts how many there are, where that is known */
  constructor(parts = FEW) {
    this.#slice = parts >= FEW ? SLICE_MS : SLICE_OF_FEW_MS;
    this.#until = this.#end();
  }

  get isDue(): boolean {
    return performance.now() >= this.#until;
  }

  /** Lets everything that waits run first. */
  async rest(): Promise<void> {
    resting++;
    try {
      await new Promise((resolve) => setTimeout(resolve, 0));
    } finally {
      resting--;
    }
    this.#until = this.#end();
  }

  #end(): number {
    return performance.now() + Math.max(SHORTEST_SLICE_MS, this.#slice / (resting + 1));
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
