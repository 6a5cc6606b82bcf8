import type { FeedEvent } from '../../wire/feed.ts';
import type { Fleet } from '../store/fleets.ts';
import { encodeEvent, encodeLine } from './encode.ts';
import type { EventSources } from './event-sources.ts';
import { forFleet, servedBy } from './for-fleet.ts';
import { registeredOf } from './registered.ts';
import { sharedServing } from './shared.ts';
import { withKeys } from './with-keys.ts';

/** The number of tenants that one query reads. */
const TENANTS_A_PAGE = 50;

/**
 * Yields the lines of a snapshot: the complete configuration of a fleet, one tenant after the other. At most one page
 * of tenants is in memory at a time. The private keys of one page are decrypted concurrently.
 *
 * The snapshot needs no transaction. The generator copies the cursor from `fleet` before it reads the first page, and
 * the reader resumes the feed from this cursor afterwards. The feed then repeats the changes that happened while the
 * generator ran. An agent ignores a revision that it already has.
 *
 * @param fleet the fleet, read immediately before
 * @param clock returns the current time in milliseconds since 1970
 * @returns the cursor from which the reader resumes the feed
 */
export async function* snapshot(
  sources: EventSources,
  fleet: Fleet,
  clock: () => number,
): AsyncGenerator<Uint8Array, number> {
  const seq = fleet.seq;
  yield encodeLine({ type: 'snapshot' });
  for (let after: string | undefined; ; ) {
    const tenants = await tenantsOf(sources, fleet, after);
    const [registered, ...events] = await Promise.all([
      registeredOf(
        sources,
        tenants.map(({ name }) => name),
      ),
      ...tenants.map((tenant) => snapshotOf(sources, fleet, tenant, seq, clock())),
    ]);
    // A reader may be slow, so an event that was encoded is not kept.
    const encodeNext = async () => {
      const event = events.shift();
      const endpoints = event && registered.get(event.tenant);
      return event && encodeEvent({ ...event, ...(endpoints && { endpoints }) });
    };
    while (events.length > 0) {
      const line = await encodeNext();
      if (line) yield line;
    }
    if (tenants.length < TENANTS_A_PAGE) break;
    after = tenants.at(-1)!.name;
  }
  yield encodeLine({ type: 'snapshot-end', seq });
  return seq;
}

/** Reads the next page of the tenants that the fleet may serve. */
async function tenantsOf({ store }: EventSources, fleet: Fleet, after: string | undefined) {
  if (fleet.tenant === undefined)
    return store.tenants.listWithGateways({ limit: TENANTS_A_PAGE, ...(after !== undefined && { after }) });
  // The tenant may have no gateway, but routes of the mesh.
  const only = await store.tenants.find(fleet.tenant);
  return only ? [only] : [];
}

/**
 * Makes the snapshot event of one tenant: its complete configuration, as far as the fleet may see it.
 *
 * @param tenant the name and the current revision of the tenant
 * @param seq the number in the fleet's feed at which the snapshot began
 * @param now the current time in milliseconds since 1970
 * @returns undefined when the fleet does not serve the tenant
 */
async function snapshotOf(
  sources: EventSources,
  fleet: Fleet,
  tenant: { name: string; revision: number },
  seq: number,
  now: number,
): Promise<Extract<FeedEvent, { type: 'tenant' }> | undefined> {
  const all = await sources.store.configuration.resources(tenant.name, tenant.revision);
  const { attached, isServed } = await sharedServing(sources.store, fleet, tenant.name);
  if (!isServed && !servedBy(fleet, tenant.name, all)) return undefined;
  const { puts } = forFleet(fleet, tenant.name, { puts: all, deletes: [] }, all);
  return {
    type: 'tenant',
    seq,
    tenant: tenant.name,
    base: 0,
    revision: tenant.revision,
    puts: await withKeys(sources, tenant.name, puts),
    deletes: [],
    committedAt: now,
    ...(attached.length > 0 && { attached }),
  };
}
