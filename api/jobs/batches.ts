/** The maximum number of rows per batch. Other writers run between two batches. */
export const AT_ONCE = 2000;
/** The number of items that one query reads. */
const PAGE = 100;

/**
 * Runs a batch repeatedly, until it returns false or the signal is aborted.
 *
 * @param batch does a part of the work, and returns whether there is more
 */
export async function repeat(signal: AbortSignal, batch: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await batch()));
}

/**
 * Yields every item of a list that is read in pages.
 *
 * @param read reads one page
 * @param nameOf returns the key of an item, by which the list is sorted
 */
export async function* pages<T>(
  read: (at: { limit: number; after?: string }) => Promise<T[]>,
  nameOf: (each: T) => string,
): AsyncGenerator<T> {
  for (let after: string | undefined; ; ) {
    const page = await read({ limit: PAGE, ...(after !== undefined && { after }) });
    yield* page;
    if (page.length < PAGE) return;
    after = nameOf(page.at(-1)!);
  }
}
