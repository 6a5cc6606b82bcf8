import { pluralOf } from '../../model/kinds/index.ts';
import { subjectOf } from '../../model/violations.ts';
import type { Rejection } from '../../wire/feed.ts';
import { Pace } from '../pace.ts';
import type { Store } from '../store/store.ts';

/**
 * The maximum number of revisions per rejection. Most events contain few revisions. An agent that was disconnected for
 * long may receive a thousand revisions as one event.
 */
const MOST = 1000;

/**
 * The maximum number of queries for the rejections of one report. Each may have to read the whole history of a tenant.
 * Reports of agents in order need a few.
 */
const MOST_LOOKUPS = 200;

type Meant = Pick<Rejection, 'revision' | 'resource'>;

/**
 * Returns a function that turns one rejection of a report into one rejection per revision that it concerns. It returns
 * undefined for a rejection that it did not look up, because the report has needed too many queries already.
 *
 * An agent may have received several revisions as one event. The agent then knows which resource Envoy rejected, but
 * not which of these revisions changed the resource. For superseded changes, the agent knows only the range of
 * revisions that it never sent to Envoy. The function reads the missing facts from the store, once for all nodes. It
 * remembers its results, so it is for one report.
 */
export function resolver(store: Store): (rejection: Rejection) => Promise<Omit<Rejection, 'from'>[] | undefined> {
  const known = new Map<string, Meant[]>();
  const pace = new Pace();
  return async ({ from, ...rejection }) => {
    if (from === undefined) return [rejection];
    const { tenant, revision, superseded, resource } = rejection;
    const key = JSON.stringify([tenant, from, revision, superseded ? true : resource]);
    let meant = known.get(key);
    if (!meant) {
      if (known.size === MOST_LOOKUPS) return undefined;
      if (pace.isDue) await pace.rest();
      meant = await revisionsMeant(store, { ...rejection, from });
      known.set(key, meant);
    }
    return meant.map((each) => ({ ...rejection, ...each }));
  };
}

/**
 * Returns the revisions in the range of the rejection that changed its resource; for superseded changes, the revisions
 * whose changes were overwritten, with the resources. See `from` in the schema of reports.
 */
async function revisionsMeant(
  { configuration }: Store,
  { tenant, revision, from, resource, superseded }: Rejection & { from: number },
): Promise<Meant[]> {
  if (superseded) {
    const rows = await configuration.changedAgainIn(tenant, from, revision);
    return rows.map((row) => ({ revision: row.revision, resource: `${pluralOf(row.kind)}/${row.name}` }));
  }
  const { kind, name } = subjectOf(resource);
  if (kind === undefined) return [{ revision, resource }];
  const range = from > 0 ? { from, to: revision, limit: MOST } : { from: 1, to: revision, limit: 1 };
  const found = await configuration.changedIn(tenant, { kind, name }, range);
  if (from === 0 && found.length === 0) return [{ revision, resource }];
  return found.map((each) => ({ revision: each, resource }));
}
