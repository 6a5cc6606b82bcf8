import { kindIds, pluralOf } from '../../model/kinds/index.ts';
import type { Rejection } from '../../wire/feed.ts';
import type { Store } from '../store/store.ts';

/**
 * Most revisions per rejection. One event rarely contains many; an agent that was offline for long may get a thousand.
 */
const MOST = 1000;

/**
 * The rejections of each revision that an agent's report covers. An agent that received several revisions as one event
 * knows only which resource is at fault, or that it never saw those in between.
 */
export async function resolve(store: Store, { from, ...rejection }: Rejection): Promise<Omit<Rejection, 'from'>[]> {
  if (from === undefined) return [rejection];
  const { tenant, revision, superseded } = rejection;
  if (superseded) {
    const rows = await store.configuration.changedAgainIn(tenant, from, revision);
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
  if (from > 0) return store.configuration.changedIn(tenant, { kind, name }, { from, to: revision, limit: MOST });
  const [last = revision] = await store.configuration.changedIn(
    tenant,
    { kind, name },
    { from: 1, to: revision, limit: 1 },
  );
  return [last];
}
