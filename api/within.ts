/**
 * Waits for a promise, but no longer than some milliseconds. On Workers a promise that another request made may never
 * settle, for it ends with that request: whoever waits for one does so with a timer of its own.
 *
 * @returns undefined when the time was up first
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
