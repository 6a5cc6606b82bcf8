import type { Fleet } from '../store/fleets.ts';
import { type EventSources, snapshotOf } from './events.ts';
import { encodeEvent, encodeLine } from './wake.ts';

const TENANTS_A_PAGE = 50;

/**
 * Everything a fleet serves, tenant by tenant: never more than one page of them in memory, whose keys are opened together.
 *
 * Consistent without a transaction: the cursor is taken before the first page is read, and the tail goes on from it. What changes meanwhile
 * is told again by the tail, to an agent that already holds that revision or will.
 *
 * @returns the cursor the tail goes on from
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
