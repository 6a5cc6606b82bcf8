import { secretsOf } from '../../model/kinds/index.ts';
import type { FeedEvent, FeedPut, FleetDescription } from '../../wire/feed.ts';
import type { Log } from '../context.ts';
import { keyContext } from '../secrets/keys.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';
import { type Change, forFleet, needsWhole, type Step, servedBy } from './for-fleet.ts';
import type { RecentCommits } from './recent.ts';

/** The objects from which feed events are made. */
export interface EventSources {
  store: Store;
  /** Decrypts the private keys of certificates. */
  sealer: Sealer;
  /** The recent commits of this process. Most of their events can be sent without a read from the store. */
  recent: RecentCommits;
  log: Pick<Log, 'error'>;
}

/**
 * Returns the description of a fleet that its agents receive: its ports, its labels, and the rules that agents
 * enforce.
 */
export function describeFleet(fleet: Fleet): FleetDescription {
  const { name, labels, ports, address, tenant, denyDestinations } = fleet;
  return {
    name,
    labels,
    ports,
    ...(address !== undefined && { address }),
    ...(tenant !== undefined && { tenant }),
    denyDestinations,
  };
}

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
  let change: Change;
  let whole: StoredResource[] = [];
  if (base === 0) {
    whole = await store.configuration.resources(tenant, revision);
    change = { puts: whole, deletes: [] };
  } else {
    change = await store.configuration.changes(tenant, base, revision);
    if (needsWhole(change.puts) || needsWhole(change.deletes))
      whole = await store.configuration.resources(tenant, revision);
  }
  const { puts, deletes } = forFleet(fleet, tenant, change, whole);
  return {
    type: 'tenant',
    seq,
    tenant,
    base,
    revision,
    puts: await withKeys(sources, tenant, puts),
    deletes: base === 0 ? [] : deletes,
    committedAt,
  };
}

/**
 * Makes the snapshot event of one tenant: its complete configuration, as far as the fleet may see it.
 *
 * @param tenant the name and the current revision of the tenant
 * @param seq the number in the fleet's feed at which the snapshot began
 * @param now the current time in milliseconds since 1970
 * @returns undefined when the fleet does not serve the tenant
 */
export async function snapshotOf(
  sources: EventSources,
  fleet: Fleet,
  tenant: { name: string; revision: number },
  seq: number,
  now: number,
): Promise<FeedEvent | undefined> {
  const whole = await sources.store.configuration.resources(tenant.name, tenant.revision);
  if (!servedBy(fleet, tenant.name, whole)) return undefined;
  return eventFromWhole(sources, fleet, tenant, whole, seq, now);
}

/** Makes the snapshot event from the resources that were read already. The parameters are those of `snapshotOf`. */
async function eventFromWhole(
  sources: EventSources,
  fleet: Fleet,
  tenant: { name: string; revision: number },
  whole: StoredResource[],
  seq: number,
  now: number,
): Promise<FeedEvent> {
  const { puts } = forFleet(fleet, tenant.name, { puts: whole, deletes: [] }, whole);
  return {
    type: 'tenant',
    seq,
    tenant: tenant.name,
    base: 0,
    revision: tenant.revision,
    puts: await withKeys(sources, tenant.name, puts),
    deletes: [],
    committedAt: now,
  };
}

/**
 * Adds the decrypted private keys to those resources that have one. It decrypts no other keys.
 *
 * If a key cannot be decrypted, the resource is sent without it and the API logs an error. The agent then reports a
 * fault for this resource, and still serves all other resources.
 */
async function withKeys(
  { store, sealer, log }: EventSources,
  tenant: string,
  resources: readonly StoredResource[],
): Promise<FeedPut[]> {
  const ids = resources.flatMap((resource) => secretsOf(resource.kind, resource.info).map(([, id]) => id));
  const keys = new Map<string, string>();
  if (ids.length > 0)
    for (const key of await store.keys.find(tenant, [...new Set(ids)]))
      try {
        keys.set(key.id, await sealer.open(key, keyContext(tenant, key.id)));
      } catch (err) {
        log.error(
          { tenant, publicKeySha256: key.id, sealingKey: key.keyId, err },
          'a private key cannot be decrypted with GATEHOUSE_SEALING_KEYS',
        );
      }
  return resources.map((resource) => {
    const { kind, name, spec, info } = resource;
    const put: Record<string, unknown> = { kind, name, spec };
    for (const [field, id] of secretsOf(kind, info)) if (keys.has(id)) put[field] = keys.get(id);
    return put as unknown as FeedPut;
  });
}
