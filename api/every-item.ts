type Read<T> = (page: { limit: number; after?: string }) => Promise<T[]>;

/**
 * Yields every item of a list that is read in pages.
 *
 * @param read reads one page
 * @param keyOf returns the key of an item, by which the list is sorted
 * @param limit the number of items that one query reads
 * @example for await (const { name } of everyItem((page) => store.tenants.list(page), ({ name }) => name)) …
 */
export async function* everyItem<T>(...list: Parameters<typeof everyPage<T>>): AsyncGenerator<T> {
  for await (const page of everyPage(...list)) yield* page;
}

/** Yields the pages of a list. See {@link everyItem}. */
export async function* everyPage<T>(read: Read<T>, keyOf: (each: T) => string, limit = 100): AsyncGenerator<T[]> {
  for (let after: string | undefined; ; ) {
    const page = await read({ limit, ...(after !== undefined && { after }) });
    yield page;
    if (page.length < limit) return;
    after = keyOf(page.at(-1)!);
    // SQLite answers at once. Without this pause, other requests would wait until the last page is read.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Reads a whole list in pages. See {@link everyItem}. */
export const allItems = <T>(...list: Parameters<typeof everyPage<T>>): Promise<T[]> =>
  Array.fromAsync(everyItem<T>(...list));
