import type { Store } from '../store/port.ts';

/** Rows a batch: other writers come in between. */
const AT_ONCE = 2000;

/** Keeps the last rows of each fleet's feed; agents further behind take a snapshot, which costs them less by then. */
export async function prune(store: Store, keep: number): Promise<void> {
  for (let after: string | undefined; ; ) {
    const fleets = await store.fleets({ limit: 100, ...(after !== undefined && { after }) });
    for (const { name } of fleets) while (await store.pruneFeed(name, keep, AT_ONCE));
    if (fleets.length < 100) return;
    after = fleets.at(-1)!.name;
  }
}
