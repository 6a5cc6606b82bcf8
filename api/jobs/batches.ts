/** The maximum number of rows per batch. Other writers run between two batches. */
export const AT_ONCE = 2000;

/**
 * Runs a batch repeatedly, until it returns false or the signal is aborted.
 *
 * @param batch does a part of the work, and returns whether there is more
 */
export async function repeat(signal: AbortSignal, batch: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await batch()));
}
