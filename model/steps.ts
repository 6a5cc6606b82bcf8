/** Work in parts. Between them its caller can let other work run. It returns its result at the end. */
export type Steps<T> = Generator<undefined, T>;

/** Runs the work without pauses. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
