import type { FeedEvent } from '../../wire/feed.ts';
import type { Fleet } from '../store/fleets.ts';
import { isClosed } from '../store/tenants.ts';
import { type Batch, batchOf } from './batch.ts';
import { closedEvent } from './closed.ts';
import { encodeEvent, encodeLine } from './encode.ts';
import type { EventSources } from './event-sources.ts';
import { forFleet, servedBy } from './for-fleet.ts';
import { issuedIn } from './issued.ts';
import { registeredOf } from './registered.ts';
import type { FeedRoom } from './room.ts';
import { sharedServing } from './shared.ts';
import { withKeys } from './with-keys.ts';

/** The largest number of tenants that a part of a snapshot contains, and the number that the first part contains. */
const MOST_TENANTS = 50;
const FIRST_TENANTS = 5;
/** The size of a part from which the next one contains fewer tenants, in bytes. */
const LARGE_PART = 256 * 1024;

/** Where a part of a snapshot begins: after a tenant, or at the first one. */
interface Place {
  after?: string;
  /** The number of tenants that the part contains at most. */
  tenants: number;
}

/** Part of a snapshot. */
interface Part extends Batch {
  /** Where the next part begins; absent in the last one. */
  next?: Place;
}

/**
 * Yields the lines of a snapshot: the complete configuration of a fleet, one tenant after the other. It prepares the
 * lines of a few tenants at a time.
 *
 * The snapshot needs no transaction. The generator copies the cursor from `fleet` before it reads the first tenants,
 * and the reader resumes the feed from this cursor afterwards. The feed then repeats the changes that happened while
 * the generator ran. An agent ignores a revision that it already has. Snapshots with the same cursor therefore share
 * their parts, whenever these were read.
 *
 * @param fleet the fleet, read immediately before
 * @param clock returns the current time in milliseconds since 1970
 * @returns the cursor from which the reader resumes the feed
 */
export async function* snapshot(
  sources: EventSources,
  fleet: Fleet,
  clock: () => number,
  room: FeedRoom,
): AsyncGenerator<Batch, number> {
  const { seq } = fleet;
  yield batchOf([encodeLine({ type: 'snapshot' })]);
  for (let place: Place | undefined = { tenants: FIRST_TENANTS }; place; ) {
    const at: Place = place;
    const part: Part = await room.share(`snapshot ${seq} ${at.after ?? ''}`, () => partOf(sources, fleet, at, clock()));
    if (part.size > 0) yield part;
    place = part.next;
  }
  yield batchOf([encodeLine({ type: 'snapshot-end', seq })]);
  return seq;
}

/**
 * Prepares a part of a snapshot. The private keys of its tenants are decrypted concurrently.
 *
 * @param now the current time in milliseconds since 1970
 */
async function partOf(sources: EventSources, fleet: Fleet, place: Place, now: number): Promise<Part> {
  const tenants = await tenantsOf(sources, fleet, place);
  const registered = await registeredOf(
    sources,
    tenants.map(({ name }) => name),
  );
  const lines = await Promise.all(
    tenants.map(async (tenant) => {
      if (tenant.isClosed) {
        const { name, revision } = tenant;
        const closed = await closedEvent(sources, fleet, { seq: fleet.seq, tenant: name, revision, committedAt: now });
        return closed && encodeEvent(closed);
      }
      const event = await snapshotOf(sources, fleet, tenant, now);
      const endpoints = registered.get(tenant.name);
      return event && encodeEvent({ ...event, ...(endpoints && { endpoints }) });
    }),
  );
  const batch = batchOf(lines.filter((line) => line !== undefined));
  if (tenants.length < place.tenants) return batch;
  const next = batch.size > LARGE_PART ? place.tenants >> 2 : place.tenants * 2;
  return { ...batch, next: { after: tenants.at(-1)!.name, tenants: Math.min(Math.max(next, 1), MOST_TENANTS) } };
}

/** Reads the next tenants that the fleet may serve. */
async function tenantsOf({ store }: EventSources, fleet: Fleet, { after, tenants: limit }: Place) {
  if (fleet.tenant === undefined)
    return store.tenants.listWithGateways({ limit, ...(after !== undefined && { after }) });
  // The tenant may have no gateway, but routes of the mesh.
  const only = await store.tenants.find(fleet.tenant);
  if (!only) return [];
  const { name, revision } = only;
  return [{ name, revision, isClosed: isClosed(only) }];
}

/**
 * Makes the snapshot event of one tenant: its complete configuration, as far as the fleet may see it.
 *
 * @param tenant the name and the current revision of the tenant
 * @param now the current time in milliseconds since 1970
 * @returns undefined when the fleet does not serve the tenant
 */
async function snapshotOf(
  sources: EventSources,
  fleet: Fleet,
  tenant: { name: string; revision: number },
  now: number,
): Promise<Extract<FeedEvent, { type: 'tenant' }> | undefined> {
  const all = await sources.store.configuration.resources(tenant.name, tenant.revision);
  const { attached, isServed } = await sharedServing(sources.store, fleet, tenant.name);
  if (!isServed && !servedBy(fleet, tenant.name, all)) return undefined;
  const { puts } = forFleet(fleet, tenant.name, { puts: all, deletes: [] }, all);
  return {
    type: 'tenant',
    seq: fleet.seq,
    tenant: tenant.name,
    base: 0,
    revision: tenant.revision,
    puts: await withKeys(sources, tenant.name, puts),
    deletes: [],
    committedAt: now,
    ...(await issuedIn(sources, fleet, { tenant: tenant.name, base: 0, revision: tenant.revision }, puts, [])),
    ...(attached.length > 0 && { attached }),
  };
}
