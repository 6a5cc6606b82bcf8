import type { House } from '../context.ts';
import { preferredWait } from '../http/prefer.ts';
import type { AnyReply, Finish } from '../http/route.ts';
import { isConnected } from './nodes.ts';

/** Of a change of the fleet itself, on the least advanced of its connected nodes; `unserved` when there is none. */
type FleetState = 'pending' | 'acked' | 'live' | 'unserved';

/** How often another API process' reports are looked for; those made here wake at once. */
const LOOK_AGAIN_MS = 500;

/** With `Prefer: wait=N`, a change of a fleet is answered once every connected node serves by it, or after N seconds with 202. */
export const afterChange: Finish = async (ctx, _input, request, reply): Promise<AnyReply> => {
  const seconds = preferredWait(request.headers.get('prefer'));
  if (seconds === undefined) return reply;
  // What the verbs of fleets answer; a reply that is repeated for an Idempotency-Key too.
  const { name, seq } = reply.body as { name: string; seq: number };
  const state = await wait(ctx.house, name, seq, seconds);
  const headers = {
    ...reply.headers,
    'preference-applied': `wait=${seconds}`,
    'gatehouse-status': state,
    link: `</v1/fleets/${name}/nodes>; rel="status"`,
  };
  return { ...reply, headers, status: state === 'live' || state === 'unserved' ? reply.status : 202 };
};

async function wait(house: House, fleet: string, seq: number, seconds: number): Promise<FleetState> {
  const until = house.clock() + seconds * 1000;
  for (;;) {
    const woken = house.board.subscribe();
    const state = await stateOf(house, fleet, seq);
    const left = until - house.clock();
    if (state === 'live' || state === 'unserved' || left <= 0 || house.feeds.closing.aborted) {
      woken.cancel();
      return state;
    }
    await woken.within(Math.min(left, LOOK_AGAIN_MS));
  }
}

async function stateOf(house: House, fleet: string, seq: number): Promise<FleetState> {
  const connected = (await house.store.nodes(fleet)).filter((node) => isConnected(house, node));
  if (connected.length === 0) return 'unserved';
  if (connected.every(({ live }) => live >= seq)) return 'live';
  return connected.every(({ acked }) => acked >= seq) ? 'acked' : 'pending';
}
