import type { Fleet } from '../store/fleets.ts';
import { type EventSources, snapshotOf } from './events.ts';
import { encodeEvent, encodeLine } from './wake.ts';

const TENANTS_A_PAGE = 50;

/**
 * Everything that a fleet serves, tenant by tenant. At most one page of tenants is in memory, and the keys of one page
 * are decrypted together.
 *
 * It is consistent without a transaction. The cursor is read before the first page, and the tail resumes from that
 * cursor. The tail repeats what changes meanwhile; an agent ignores revisions that it already has.
 *
 * @returns the cursor from which the tail resumes
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
