import type { Services } from '../context.ts';
import { everyItem } from '../every-item.ts';
import { DEFAULT_PLAN, type Quotas, quotasOf } from '../quotas.ts';
import { AT_ONCE, repeat } from './batches.ts';

/** One day in milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

/** Deletes superseded revisions that the plans of their tenants do not keep. */
export async function pruneRevisions(services: Services, signal: AbortSignal): Promise<void> {
  const { plans } = await services.fleets.platform(services.clock());
  for (const plan of new Set([DEFAULT_PLAN, ...plans.keys()])) {
    if (signal.aborted) return;
    await pruneWith(services, plan, quotasOf(services.settings, plans.get(plan)), signal);
  }
}

/** Deletes superseded revisions of the tenants with one plan. */
async function pruneWith(services: Services, plan: string, limits: Quotas, signal: AbortSignal): Promise<void> {
  const { retention } = services.store;
  const terms = { keep: limits.revisions, since: services.clock() - limits.revisionDays * DAY };
  const tenants = everyItem(
    (at) => retention.superseded(plan, at, terms),
    (name) => name,
  );
  for await (const tenant of tenants) await repeat(signal, () => retention.pruneRevisions(tenant, terms, AT_ONCE));
  await pruneLarge(services, plan, limits.revisionStorage, terms, signal);
}

/** The size of the versions that one batch deletes, in bytes. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Deletes the oldest revisions of tenants that wrote more than `bytes`. It releases more revisions for the next run only
 * after that, so that a feed that is being read still finds the content of the events that it read before.
 */
async function pruneLarge(
  { store: { retention }, clock }: Services,
  plan: string,
  bytes: number,
  terms: { keep: number; since: number },
  signal: AbortSignal,
): Promise<void> {
  const several = { keep: 1, since: clock() };
  const tenants = everyItem(
    (at) => retention.superseded(plan, at, several),
    (name) => name,
  );
  for await (const tenant of tenants) {
    if (signal.aborted) return;
    const fitting = await retention.fitting(tenant, bytes);
    if (!fitting) continue;
    const { first, mean } = fitting;
    const limit = Math.max(1, Math.min(AT_ONCE, Math.floor(BATCH_BYTES / mean)));
    await repeat(signal, () => retention.pruneRevisions(tenant, { ...terms, first }, limit));
    await repeat(signal, () => retention.release(tenant, first, AT_ONCE));
  }
}
