import { kindIds, pluralOf } from '../../model/kinds.ts';
import type { Rejection } from '../../wire/feed.ts';
import type { Store } from '../store/port.ts';

/** Revisions in one event of the feed are few; an agent that was long away is told a thousand at most. */
const MOST = 1000;

/**
 * What a rejection says of each revision that it is about: an agent that was told several as one knows only which resource is at fault, or that
 * it never saw those in between.
 */
export async function resolve(store: Store, { from, ...rejection }: Rejection): Promise<Omit<Rejection, 'from'>[]> {
  if (from === undefined) return [rejection];
  const { tenant, revision, superseded } = rejection;
  if (superseded) {
    const rows = await store.changedAgainIn(tenant, from, revision);
    return rows.map((row) => ({ ...rejection, revision: row.revision, resource: `${pluralOf(row.kind)}/${row.name}` }));
  }
  return (await revisionsMeant(store, { ...rejection, from })).map((each) => ({ ...rejection, revision: each }));
}

async function revisionsMeant(
  store: Store,
  { tenant, revision, from, resource }: Rejection & { from: number },
): Promise<number[]> {
  const [plural, name] = resource.split('/');
  const kind = kindIds.find((each) => pluralOf(each) === plural);
  if (kind === undefined) return [revision];
  if (from > 0) return store.changedIn(tenant, { kind, name }, { from, to: revision, limit: MOST });
  const [last = revision] = await store.changedIn(tenant, { kind, name }, { from: 1, to: revision, limit: 1 });
  return [last];
}
