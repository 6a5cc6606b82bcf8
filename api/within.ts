/**
 * Waits for a promise, but no longer than `ms` milliseconds. On Workers, a promise that another request created may
 * never settle, because it is cancelled when that request ends. Code that waits for such a promise therefore needs its
 * own timer.
 *
 * @returns the value of the promise; undefined when the time is over first
 */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const up = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, up]);
  } finally {
    clearTimeout(timer);
  }
}
