import type { Settings } from '../settings.ts';
import type { Expiring } from '../store/retention.ts';
import type { Store } from '../store/store.ts';

type Terms = Pick<
  Settings,
  'feedKeep' | 'keepRevisions' | 'keepRevisionsFor' | 'keepAuditFor' | 'keepRejectionsFor' | 'keepNodesFor'
>;

/** Rows a batch: other writers come in between. */
const AT_ONCE = 2000;
const PAGE = 100;
const DAY = 24 * 60 * 60 * 1000;

/** Keeps the last rows of each fleet's feed; agents further behind take a snapshot, which costs them less by then. */
export async function pruneFeeds(store: Store, { feedKeep }: Pick<Terms, 'feedKeep'>, signal: AbortSignal) {
  const fleets = pages(
    (at) => store.fleets.list(at),
    ({ name }) => name,
  );
  for await (const { name } of fleets) await repeat(signal, () => store.retention.pruneFeed(name, feedKeep, AT_ONCE));
}

/** Deletes whose term is over, on every engine in small batches; several processes that do so at once do no harm. */
export async function pruneHistory(store: Store, terms: Terms, now: number, signal: AbortSignal): Promise<void> {
  const revisions = { keep: terms.keepRevisions, since: now - terms.keepRevisionsFor };
  const tenants = pages(
    (at) => store.retention.superseded(at, revisions),
    (name) => name,
  );
  for await (const tenant of tenants)
    await repeat(signal, () => store.retention.pruneRevisions(tenant, revisions, AT_ONCE));
  const kept: Record<Expiring, number> = {
    idempotency: DAY,
    audit: terms.keepAuditFor,
    rejection: terms.keepRejectionsFor,
    node: terms.keepNodesFor,
  };
  for (const [what, term] of Object.entries(kept) as [Expiring, number][])
    await repeat(signal, () => store.retention.expire(what, now - term, AT_ONCE));
  if (!signal.aborted) await store.retention.tidy();
}

async function repeat(signal: AbortSignal, batch: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await batch()));
}

async function* pages<T>(
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
