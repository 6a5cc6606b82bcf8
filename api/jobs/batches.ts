/** Rows per batch: other writers run in between. */
export const AT_ONCE = 2000;
const PAGE = 100;

/** Runs a batch until it reports that nothing is left. */
export async function repeat(signal: AbortSignal, batch: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await batch()));
}

/** Every item of a list that is read in pages. */
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
