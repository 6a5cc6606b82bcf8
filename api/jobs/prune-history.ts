import type { Expiring } from '../store/retention.ts';
import { AT_ONCE, repeat } from './batches.ts';
import type { Job } from './job.ts';
import { pruneRevisions } from './prune-revisions.ts';

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
    await pruneRevisions(services, signal);
    const kept: Record<Expiring, number> = {
      idempotency: DAY,
      audit: settings.keepAuditFor,
      rejection: settings.keepRejectionsFor,
      node: settings.keepNodesFor,
      enrolment: settings.keepNodesFor,
      agent: settings.keepNodesFor,
      mail: settings.keepMailFor,
      invitation: settings.keepMailFor,
    };
    for (const [what, term] of Object.entries(kept) as [Expiring, number][])
      await repeat(signal, () => store.retention.expire(what, now - term, AT_ONCE));
    if (!signal.aborted) await store.retention.tidy();
  },
};
