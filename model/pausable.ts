/**
 * Long work as a generator: each `yield` is a pause in which the caller may run other work. The result is the value
 * that the generator returns.
 */
export type Pausable<T> = Generator<undefined, T>;

/** Runs the work without pauses. */
export function withoutPauses<T>(steps: Pausable<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
