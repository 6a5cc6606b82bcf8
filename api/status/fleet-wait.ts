import type { Services } from '../context.ts';
import { isConnected } from './connected.ts';

/**
 * The progress of a fleet's change on its least advanced connected node; `rejected` when a node does not listen on a
 * port, `unserved` when no node is connected.
 */
type FleetState = 'pending' | 'acked' | 'live' | 'rejected' | 'unserved';

/** How often reports to other API processes are looked up; reports to this one wake the wait at once. */
const LOOK_AGAIN_MS = 500;

interface FleetChange {
  name: string;
  /** Of the feed. */
  seq: number;
  hasPorts: boolean;
}

/**
 * Waits until every connected node of a fleet serves a change of it, a node does not listen on a port, or the time is up.
 *
 * @param seconds how long at most
 */
export async function waitFleet(services: Services, change: FleetChange, seconds: number): Promise<FleetState> {
  const until = services.clock() + seconds * 1000;
  for (;;) {
    const woken = services.board.subscribe();
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

async function stateOf(services: Services, { name, seq, hasPorts }: FleetChange): Promise<FleetState> {
  const connected = (await services.store.nodes.list(name)).filter((node) => isConnected(services, node));
  if (connected.length === 0) return 'unserved';
  if (connected.every(({ live }) => live >= seq)) {
    const isRefused = connected.some(({ listenerRejections }) => listenerRejections.length > 0);
    return hasPorts && isRefused ? 'rejected' : 'live';
  }
  return connected.every(({ acked }) => acked >= seq) ? 'acked' : 'pending';
}
