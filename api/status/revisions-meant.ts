import { pluralOf } from '../../model/kinds/index.ts';
import { subjectOf } from '../../model/violations.ts';
import type { Rejection } from '../../wire/feed.ts';
import type { Store } from '../store/store.ts';

/**
 * The maximum number of revisions per rejection. Most events contain few revisions. An agent that was disconnected for
 * long may receive a thousand revisions as one event.
 */
const MOST = 1000;

/**
 * Turns one rejection of a report into one rejection per revision that it concerns.
 *
 * An agent may have received several revisions as one event. The agent then knows which resource Envoy rejected, but
 * not which of these revisions changed the resource. For superseded changes, the agent knows only the range of
 * revisions that it never sent to Envoy. This function reads the missing facts from the store.
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

/**
 * Returns the revisions in the range of the rejection that changed its resource. See `from` in the schema of reports.
 */
async function revisionsMeant(
  store: Store,
  { tenant, revision, from, resource }: Rejection & { from: number },
): Promise<number[]> {
  const { kind, name } = subjectOf(resource);
  if (kind === undefined) return [revision];
  if (from > 0) return store.configuration.changedIn(tenant, { kind, name }, { from, to: revision, limit: MOST });
  const [last = revision] = await store.configuration.changedIn(
    tenant,
    { kind, name },
    { from: 1, to: revision, limit: 1 },
  );
  return [last];
}
