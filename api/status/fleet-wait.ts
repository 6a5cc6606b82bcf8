import type { Services } from '../context.ts';
import { preferredWait } from '../http/prefer.ts';
import type { Finish } from '../http/route.ts';
import type { Reply } from '../reply.ts';
import { isConnected } from './connected.ts';

/**
 * The progress of a fleet's change on its least advanced connected node; `rejected` when a node does not listen on a
 * port, `unserved` when no node is connected.
 */
type FleetState = 'pending' | 'acked' | 'live' | 'rejected' | 'unserved';

/** How often reports to other API processes are looked up; reports to this one wake the wait at once. */
const LOOK_AGAIN_MS = 500;

/**
 * With `Prefer: wait=N`, a fleet's change is answered once every connected node serves it. The response is 202 as soon
 * as a node refuses a port, and after N seconds. Refused ports count only for a change that sets ports.
 */
export const afterChange: Finish = async (ctx, input, request, reply): Promise<Reply> => {
  const seconds = preferredWait(request.headers.get('prefer'));
  if (seconds === undefined) return reply;
  // The body of the fleet verbs' replies, including replies repeated for an Idempotency-Key.
  const { name, seq } = reply.body as { name: string; seq: number };
  const { ports } = input.body as { ports?: unknown };
  const state = await wait(ctx.services, { name, seq, hasPorts: ports !== undefined }, seconds);
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

async function wait(services: Services, change: FleetChange, seconds: number): Promise<FleetState> {
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
