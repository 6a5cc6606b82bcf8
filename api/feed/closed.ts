import { suspended } from '../../model/suspended.ts';
import type { FeedEvent } from '../../wire/feed.ts';
import type { Fleet } from '../store/fleets.ts';
import type { EventSources } from './event-sources.ts';
import { forFleet, servedBy } from './for-fleet.ts';
import { issuedIn } from './issued.ts';
import { sharedServing } from './shared.ts';
import { withKeys } from './with-keys.ts';

type TenantEvent = Extract<FeedEvent, { type: 'tenant' }>;

/**
 * Makes the event of a tenant that is suspended or deleted: its whole configuration, in which all hosts answer 503.
 *
 * @returns undefined when the fleet does not serve the tenant
 */
export async function closedEvent(
  sources: EventSources,
  fleet: Fleet,
  { seq, tenant, revision, committedAt }: Pick<TenantEvent, 'seq' | 'tenant' | 'revision' | 'committedAt'>,
): Promise<TenantEvent | undefined> {
  const stored = await sources.store.configuration.resources(tenant, revision);
  const { attached, isServed } = await sharedServing(sources.store, fleet, tenant);
  if (!isServed && !servedBy(fleet, tenant, stored)) return undefined;
  const all = suspended(stored);
  const { puts } = forFleet(fleet, tenant, { puts: all, deletes: [] }, all);
  return {
    ...{ type: 'tenant', seq, tenant, base: 0, revision },
    puts: await withKeys(sources, tenant, puts),
    deletes: [],
    committedAt,
    ...(attached.length > 0 && { attached }),
    ...(await issuedIn(sources, fleet, { tenant, base: 0, revision }, puts, [])),
  };
}
