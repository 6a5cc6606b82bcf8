import type { Fleet } from '../store/fleets.ts';
import { type EventSources, snapshotOf } from './events.ts';
import { encodeEvent, encodeLine } from './wake.ts';

/** The number of tenants that one query reads. */
const TENANTS_A_PAGE = 50;

/**
 * Yields the lines of a snapshot: everything that a fleet serves, one tenant after the other. At most one page of
 * tenants is in memory at a time. The private keys of one page are decrypted concurrently.
 *
 * The snapshot needs no transaction. The generator copies the cursor from `fleet` before it reads the first page, and
 * the reader resumes the feed from this cursor afterwards. The feed then repeats the changes that happened while the
 * generator ran. An agent ignores a revision that it already has.
 *
 * @param fleet the fleet, read immediately before
 * @param clock returns the current time in milliseconds since 1970
 * @returns the cursor from which the reader resumes the feed
 */
export async function* snapshot(
  sources: EventSources,
  fleet: Fleet,
  clock: () => number,
): AsyncGenerator<Uint8Array, number> {
  const seq = fleet.seq;
  yield encodeLine({ type: 'snapshot' });
  for (let after: string | undefined; ; ) {
    const tenants = await sources.store.tenants.listWithGateways({
      limit: TENANTS_A_PAGE,
      ...(after !== undefined && { after }),
    });
    const served = tenants.filter(({ name }) => fleet.tenant === undefined || fleet.tenant === name);
    for (const event of await Promise.all(served.map((tenant) => snapshotOf(sources, fleet, tenant, seq, clock()))))
      if (event) yield await encodeEvent(event);
    if (tenants.length < TENANTS_A_PAGE) break;
    after = tenants.at(-1)!.name;
  }
  yield encodeLine({ type: 'snapshot-end', seq });
  return seq;
}
