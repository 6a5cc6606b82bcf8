import type { FeedEvent, FeedPut, IssuedName, RegisteredEndpoints } from '../../wire/feed.ts';

/** An event that concerns one tenant. */
export type TenantEvent = Extract<FeedEvent, { type: 'tenant' | 'leave' }> & {
  /**
   * The number of the last event before it in the feed. Absent: the number up to which all events are applied when it
   * is.
   */
  before?: number;
};

type Change = Extract<TenantEvent, { type: 'tenant' }>;

/**
 * Merges two consecutive events of a tenant. To apply the result has the effect of both, one after the other: of each
 * resource and of each list of registered endpoints, the last state counts. The result has the `seq` of the later
 * event.
 *
 * @returns undefined when the later event does not fit the earlier one, so that both must be applied
 */
export function merged(earlier: TenantEvent, later: TenantEvent): TenantEvent | undefined {
  // A complete configuration, or none, replaces everything before it.
  if (later.type === 'leave' || later.base === 0) return later;
  if (earlier.type === 'leave' || later.base > earlier.revision) return undefined;
  // An event that was sent again, or one about endpoints only. The lists of endpoints are as new as the event.
  const isOlder = later.revision <= earlier.revision;
  const { seq, committedAt } = later;
  const { puts, deletes } = isOlder ? earlier : changesOf(earlier, later);
  const attached = (isOlder ? undefined : later.attached) ?? earlier.attached;
  const endpoints = endpointsOf(earlier, later, isOlder);
  const issued = issuedOf(earlier, later);
  return {
    ...{ type: 'tenant', seq, tenant: later.tenant, puts, deletes, committedAt },
    base: Math.min(earlier.base, later.base),
    revision: Math.max(earlier.revision, later.revision),
    ...(attached && { attached }),
    ...(endpoints.length > 0 && { endpoints }),
    ...(issued.length > 0 && { issued }),
  };
}

const keyOf = ({ kind, name }: Pick<FeedPut, 'kind' | 'name'>): string => `${kind}/${name}`;

function changesOf(earlier: Change, later: Change): Pick<Change, 'puts' | 'deletes'> {
  const puts = new Map(earlier.puts.map((put) => [keyOf(put), put]));
  const deletes = new Map(earlier.deletes.map((each) => [keyOf(each), each]));
  for (const put of later.puts) {
    puts.set(keyOf(put), put);
    deletes.delete(keyOf(put));
  }
  for (const each of later.deletes) {
    puts.delete(keyOf(each));
    // A complete configuration replaces the stored one, so nothing is left to delete.
    if (earlier.base > 0) deletes.set(keyOf(each), each);
  }
  return { puts: [...puts.values()], deletes: [...deletes.values()] };
}

/** What a name has is as new as the event, even if its revision is not. */
const issuedOf = ({ issued: before = [] }: Change, { issued: after = [] }: Change): IssuedName[] => [
  ...new Map([...before, ...after].map((each) => [each.name, each])).values(),
];

function endpointsOf(earlier: Change, later: Change, isOlder: boolean): RegisteredEndpoints[] {
  const lists = new Map<string, RegisteredEndpoints>();
  for (const { deletes, endpoints = [] } of [earlier, isOlder ? { ...later, deletes: [] } : later]) {
    // An upstream that is deleted and created again has none of the endpoints of the deleted one.
    for (const { kind, name } of deletes) if (kind === 'upstream') lists.set(name, { upstream: name, endpoints: [] });
    for (const list of endpoints) lists.set(list.upstream, list);
  }
  return [...lists.values()];
}
