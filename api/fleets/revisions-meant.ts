import { kindIds, pluralOf } from '../../model/kinds.ts';
import type { Rejection } from '../../wire/feed.ts';
import type { Store } from '../store/port.ts';

/** Revisions in one event of the feed are few; an agent that was long away is told a thousand at most. */
const MOST = 1000;

/** Which revisions a rejection belongs to: an agent that was told several as one knows only which resource is at fault. */
export async function revisionsMeant(
  store: Store,
  { tenant, revision, from = revision, resource }: Rejection,
): Promise<number[]> {
  if (from >= revision) return [revision];
  const [plural, name] = resource.split('/');
  const kind = kindIds.find((each) => pluralOf(each) === plural);
  if (kind === undefined) return [revision];
  const limit = from === 0 ? 1 : MOST;
  const changed = await store.changedIn(tenant, { kind, name }, { from: Math.max(1, from), to: revision, limit });
  return changed.length > 0 ? changed : [revision];
}
