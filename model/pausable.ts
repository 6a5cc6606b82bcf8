/**
 * A long computation, as a generator. Each `yield` is a pause, in which the caller may run other work. The value that
 * the generator returns is the result of the computation.
 *
 * @example const result = await inSlices(checking(configuration)) // `inSlices` is in api/pace.ts
 */
export type Pausable<T> = Generator<undefined, T>;

/** Runs a computation to its end without pauses, and returns its result. */
export function withoutPauses<T>(steps: Pausable<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
