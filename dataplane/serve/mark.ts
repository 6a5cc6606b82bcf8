import { routesName } from '../compile/index.ts';
import { TYPES } from '../xds/resource.ts';
import type { Stream } from '../xds/stream.ts';
import type { ClusterUse } from './cluster-use.ts';
import type { Change } from './intake.ts';
import type { Lanes } from './lanes.ts';
import type { Entry } from './ledger.ts';
import type { Owners } from './owners.ts';
import type { ScopeSync } from './scope-sync.ts';

export interface Held {
  stream: Stream;
  owners: Owners;
  lanes: Lanes;
  scopes: ScopeSync;
  use: ClusterUse;
}

/**
 * Marks every name that one client holds or asked for and that the change may affect. Nothing is sent before the next
 * flush.
 */
export function mark(change: Change, entry: Entry, held: Held): void {
  for (const key of change.scopesAdded) markAdded(key, entry, held);
  for (const key of change.scopesRemoved) markRemoved(key, entry, held);
  const { owners, lanes, use } = held;
  for (const [type, names] of owners.of(change.tenant)) {
    // Decrypting a private key only to find it unchanged costs as much as all other work of the change.
    if (type === TYPES.secret && !change.certificates) continue;
    for (const name of names) {
      if (type === TYPES.cluster) use.retry(name);
      lanes[type].mark(name, entry);
    }
  }
}

function markAdded(key: string, entry: Entry, { stream, lanes, scopes }: Held): void {
  scopes.mark(key, entry);
  for (const name of [key, routesName(key, 'second'), routesName(key, 'grpc')]) {
    if (stream.subscribed(TYPES.routes, name)) lanes[TYPES.routes].mark(name, entry);
  }
}

/** A loaded host first gets an empty RouteConfiguration. Its scope is removed once the client acknowledged that. */
function markRemoved(key: string, entry: Entry, { lanes, scopes }: Held): void {
  const loaded = [key, routesName(key, 'second')].filter((name) => lanes[TYPES.routes].sent.has(name));
  for (const name of loaded) lanes[TYPES.routes].mark(name, entry);
  if (loaded.length === 0) scopes.mark(key, entry);
}
