/** Work that pauses between its parts, so that whoever runs it can do something else meanwhile. Its result comes at the end. */
export type Steps<T> = Generator<undefined, T>;

/** Runs it in one go. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
