import type { FeedEvent } from '../../wire/feed.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { Fleet } from '../store/fleets.ts';
import { closedEvent } from './closed.ts';
import type { EventSources } from './event-sources.ts';
import { type ChangedResources, forFleet, needsAllResources, type Step, servedBy } from './for-fleet.ts';
import { issuedIn } from './issued.ts';
import { registeredIn } from './registered.ts';
import { attachedIn, sharedServing } from './shared.ts';
import { withKeys } from './with-keys.ts';

/**
 * Reads the change of a tenant between two revisions from the store, and makes the feed event of one fleet from it.
 * The caller sends the same event to all agents of the fleet.
 *
 * @param sources the store, and the sealer that decrypts private keys
 * @param fleet the fleet whose agents get the event; the event contains only what this fleet may see
 * @param step the tenant and the two revisions
 */
export async function eventOf(sources: EventSources, fleet: Fleet, step: Step): Promise<FeedEvent> {
  const { store } = sources;
  const { seq, tenant, base, revision, committedAt } = step;
  if (step.leaves) return { type: 'leave', seq, tenant, revision, committedAt };
  if (step.isClosed)
    return (await closedEvent(sources, fleet, step)) ?? { type: 'leave', seq, tenant, revision, committedAt };
  let change: ChangedResources;
  let attached: { attached?: string[] } = {};
  let all: StoredResource[] = [];
  const endpoints = await registeredIn(sources, step);
  if (base === revision) {
    change = { puts: [], deletes: [] };
  } else if (base === 0) {
    all = await store.configuration.resources(tenant, revision);
    change = { puts: all, deletes: [] };
    const shared = await sharedServing(store, fleet, tenant);
    // The row may stand for a change of the owner of a shared gateway, by which the fleet stops to serve the tenant.
    if (!shared.isServed && !servedBy(fleet, tenant, all)) return { type: 'leave', seq, tenant, revision, committedAt };
    if (shared.attached.length > 0) attached = { attached: shared.attached };
  } else {
    [change, attached] = await Promise.all([
      store.configuration.changes(tenant, base, revision),
      attachedIn(store, tenant),
    ]);
    if (needsAllResources(change.puts) || needsAllResources(change.deletes))
      all = await store.configuration.resources(tenant, revision);
  }
  const { puts, deletes } = forFleet(fleet, tenant, change, all);
  const issued = await issuedIn(sources, fleet, step, puts, step.issued);
  return {
    type: 'tenant',
    seq,
    tenant,
    base,
    revision,
    puts: await withKeys(sources, tenant, puts),
    deletes: base === 0 ? [] : deletes,
    committedAt,
    ...attached,
    ...endpoints,
    ...issued,
  };
}
