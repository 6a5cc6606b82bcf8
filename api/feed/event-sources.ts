import type { Log } from '../context.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { Moment } from '../store/endpoints.ts';
import type { Store } from '../store/store.ts';
import type { RecentCommits } from './recent.ts';

/** The objects from which feed events are made. */
export interface EventSources {
  store: Store;
  /** Decrypts the private keys of certificates. */
  sealer: Sealer;
  /** The recent commits of this process. Most of their events can be sent without a read from the store. */
  recent: RecentCommits;
  log: Pick<Log, 'error'>;
  /** Returns the current time, with which registered endpoints that have expired are left out. */
  moment: () => Moment;
}
