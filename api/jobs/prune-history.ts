import type { Services } from '../context.ts';
import type { Expiring } from '../store/retention.ts';
import { AT_ONCE, pages, repeat } from './batches.ts';
import type { Job } from './job.ts';

/** One day in milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

/**
 * Deletes superseded revisions, and other rows whose retention period is over, in small batches. It then returns the
 * free space to the disk.
 */
export const pruneHistory: Job = {
  name: 'prune-history',
  interval: ({ retention }) => retention,
  async run(services, signal) {
    const { store, settings, clock } = services;
    const now = clock();
    const revisions = { keep: settings.keepRevisions, since: now - settings.keepRevisionsFor };
    const tenants = pages(
      (at) => store.retention.superseded(at, revisions),
      (name) => name,
    );
    for await (const tenant of tenants)
      await repeat(signal, () => store.retention.pruneRevisions(tenant, revisions, AT_ONCE));
    await pruneLarge(services, revisions, signal);
    const kept: Record<Expiring, number> = {
      idempotency: DAY,
      audit: settings.keepAuditFor,
      rejection: settings.keepRejectionsFor,
      node: settings.keepNodesFor,
      mail: settings.keepMailFor,
    };
    for (const [what, term] of Object.entries(kept) as [Expiring, number][])
      await repeat(signal, () => store.retention.expire(what, now - term, AT_ONCE));
    if (!signal.aborted) await store.retention.tidy();
  },
};

/** The size of the versions that one batch deletes, in bytes. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Deletes the oldest revisions of tenants that wrote too much. It releases more revisions for the next run only after
 * that, so that a feed that is being read still finds the content of the events that it read before.
 */
async function pruneLarge(
  { store: { retention }, settings, clock }: Services,
  terms: { keep: number; since: number },
  signal: AbortSignal,
): Promise<void> {
  const several = { keep: 1, since: clock() };
  const tenants = pages(
    (at) => retention.superseded(at, several),
    (name) => name,
  );
  for await (const tenant of tenants) {
    if (signal.aborted) return;
    const fitting = await retention.fitting(tenant, settings.revisionStorage);
    if (!fitting) continue;
    const { first, mean } = fitting;
    const limit = Math.max(1, Math.min(AT_ONCE, Math.floor(BATCH_BYTES / mean)));
    await repeat(signal, () => retention.pruneRevisions(tenant, { ...terms, first }, limit));
    await repeat(signal, () => retention.release(tenant, first, AT_ONCE));
  }
}
