import type { Services } from '../context.ts';

/**
 * The state of a fleet's change on the connected node that has progressed least. `rejected` means that a node does not
 * listen on a port. `unserved` means that no node is connected.
 */
type FleetState = 'pending' | 'acked' | 'live' | 'rejected' | 'unserved';

/**
 * The interval at which a wait reads reports that other API processes received, in milliseconds. A report to this process
 * ends the pause at once.
 */
const LOOK_AGAIN_MS = 500;

interface FleetChange {
  name: string;
  /** The number of the change in the fleet's feed. */
  seq: number;
  /** Whether the change sets the ports of the fleet. */
  hasPorts: boolean;
}

/**
 * Waits until every connected node of a fleet serves a change of the fleet, until a node reports a closed port, until
 * no node is connected, or until the time is over.
 *
 * @param seconds the maximum time to wait
 * @returns the state at the end of the wait
 */
export async function waitFleet(services: Services, change: FleetChange, seconds: number): Promise<FleetState> {
  const until = services.clock() + seconds * 1000;
  const fleets = new Set([change.name]);
  for (;;) {
    const woken = services.board.subscribe(fleets);
    const state = await stateOf(services, change);
    const left = until - services.clock();
    const isOver = state === 'live' || state === 'rejected' || state === 'unserved';
    if (isOver || left <= 0 || services.feeds.closing.aborted) {
      woken.cancel();
      return state;
    }
    await woken.within(Math.min(left, LOOK_AGAIN_MS));
  }
}

/** Computes the state of the change from the latest reports of the nodes. */
async function stateOf(services: Services, { name, seq, hasPorts }: FleetChange): Promise<FleetState> {
  const { connected, acked, live, refusing } = await services.summaries.of(name);
  if (connected === 0) return 'unserved';
  if (live >= seq) return hasPorts && refusing > 0 ? 'rejected' : 'live';
  return acked >= seq ? 'acked' : 'pending';
}
