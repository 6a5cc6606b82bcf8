import type { FeedEvent } from '../../wire/feed.ts';
import { Pace } from '../pace.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';
import { describeFleet } from './describe-fleet.ts';

const encoder = new TextEncoder();

/** Encodes an event as one line of JSON. */
export const encodeLine = (event: object): Uint8Array => encoder.encode(`${JSON.stringify(event)}\n`);

/** The number of resources that can be encoded at once without delaying other requests noticeably. */
const FEW = 100;

/**
 * Encodes an event as one line of JSON. For an event with many resources, it pauses so that other requests are
 * answered.
 */
export async function encodeEvent(event: FeedEvent): Promise<Uint8Array> {
  if (event.type !== 'tenant' || event.puts.length <= FEW) return encodeLine(event);
  const { puts, ...rest } = event;
  const pace = new Pace(puts.length);
  const encoded: string[] = [];
  for (const put of puts) {
    if (pace.isDue) await pace.rest();
    encoded.push(JSON.stringify(put));
  }
  return encoder.encode(`${JSON.stringify(rest).slice(0, -1)},"puts":[${encoded.join()}]}\n`);
}

/** The description of a fleet and its drained nodes, as a line. */
export interface FleetLine {
  bytes: Uint8Array;
  /** The number of changes of the drained nodes of the fleet that the line contains at least. */
  drains: number;
}

/** Encodes the description of a fleet with its drained nodes, which is the first line of every response. */
export async function fleetLine({ nodes }: Store, fleet: Fleet): Promise<FleetLine> {
  const { drains, nodes: drained } = await nodes.drained(fleet.name);
  return { bytes: encodeLine({ type: 'fleet', fleet: describeFleet(fleet), drained, drains }), drains };
}
