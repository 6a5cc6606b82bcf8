import type { House } from '../context.ts';
import { preferredWait } from '../http/prefer.ts';
import type { AnyReply, Finish } from '../http/route.ts';
import { isConnected } from './nodes.ts';

/**
 * Of a change of the fleet itself, on the least advanced of its connected nodes; `rejected` when one of them does not listen on a port, `unserved`
 * when no node is connected.
 */
type FleetState = 'pending' | 'acked' | 'live' | 'rejected' | 'unserved';

/** How often another API process' reports are looked for; those made here wake at once. */
const LOOK_AGAIN_MS = 500;

/**
 * With `Prefer: wait=N`, a change of a fleet is answered once every connected node serves by it, with 202 once a node has refused a port, or with 202
 * after N seconds. A refused port concerns only a change that gives ports.
 */
export const afterChange: Finish = async (ctx, input, request, reply): Promise<AnyReply> => {
  const seconds = preferredWait(request.headers.get('prefer'));
  if (seconds === undefined) return reply;
  // What the verbs of fleets answer; a reply that is repeated for an Idempotency-Key too.
  const { name, seq } = reply.body as { name: string; seq: number };
  const { ports } = input.body as { ports?: unknown };
  const state = await wait(ctx.house, { name, seq, hasPorts: ports !== undefined }, seconds);
  const headers = {
    ...reply.headers,
    'preference-applied': `wait=${seconds}`,
    'gatehouse-status': state,
    link: `</v1/fleets/${name}/nodes>; rel="status"`,
  };
  return { ...reply, headers, status: state === 'live' || state === 'unserved' ? reply.status : 202 };
};

interface FleetChange {
  name: string;
  /** Of the feed. */
  seq: number;
  hasPorts: boolean;
}

async function wait(house: House, change: FleetChange, seconds: number): Promise<FleetState> {
  const until = house.clock() + seconds * 1000;
  for (;;) {
    const woken = house.board.subscribe();
    const state = await stateOf(house, change);
    const left = until - house.clock();
    const isOver = state === 'live' || state === 'rejected' || state === 'unserved';
    if (isOver || left <= 0 || house.feeds.closing.aborted) {
      woken.cancel();
      return state;
    }
    await woken.within(Math.min(left, LOOK_AGAIN_MS));
  }
}

async function stateOf(house: House, { name, seq, hasPorts }: FleetChange): Promise<FleetState> {
  const connected = (await house.store.nodes(name)).filter((node) => isConnected(house, node));
  if (connected.length === 0) return 'unserved';
  if (connected.every(({ live }) => live >= seq)) {
    const isRefused = connected.some(({ listenerRejections }) => listenerRejections.length > 0);
    return hasPorts && isRefused ? 'rejected' : 'live';
  }
  return connected.every(({ acked }) => acked >= seq) ? 'acked' : 'pending';
}
