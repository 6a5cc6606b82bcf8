import { reportMilestone } from '../../wire/milestones.ts';
import type { Fleet } from '../store/fleets.ts';
import { type Batch, batchOf } from './batch.ts';
import type { Channel } from './channel.ts';
import { encodeEvent } from './encode.ts';
import type { EventSources } from './event-sources.ts';
import { eventOf } from './events.ts';
import { coalesce, type Step } from './for-fleet.ts';
import type { FeedRoom } from './room.ts';

/** Consecutive lines of the feed. `seq` is the cursor of a reader that has received all of them. */
export interface Lines extends Batch {
  readonly seq: number;
}

/** The maximum number of feed rows per read. It limits the memory that a burst of commits needs. */
const BATCH = 500;

/**
 * Reads and encodes the next lines of a channel after a cursor.
 *
 * @param after the cursor
 * @param room where other responses may have prepared the same lines. Absent for the tail, which alone needs its lines.
 * @returns `lines`: absent when there are none; `tooOld`: the rows after the cursor were pruned, or the fleet does not
 *   exist, so the reader needs a snapshot; `head`: the number of the feed's last row; `drains`: the number of changes
 *   of the fleet's drained nodes; `full`: there may be more rows after these lines
 */
export async function readLines(
  sources: EventSources,
  channel: Channel,
  after: number,
  room?: FeedRoom,
): Promise<{ tooOld: boolean; head: number; drains: number; lines?: Lines; full: boolean }> {
  const { tooOld, head, drains, rows } = await sources.store.feed.read(channel.fleet, after, BATCH);
  if (tooOld || rows.length === 0) return { tooOld, head, drains, full: false };
  const fleet = await sources.store.fleets.find(channel.fleet);
  if (!fleet) return { tooOld: true, head, drains, full: false };
  const seq = rows.at(-1)!.seq;
  // The steps are encoded concurrently. To decrypt a key costs one turn of the event loop, and 500 turns one after the
  // other cost seconds in a busy process.
  const encode = async () => ({
    ...batchOf(await Promise.all(coalesce(rows).map((step) => lineOf(sources, fleet, step)))),
    seq,
  });
  const lines = await (room ? room.share(`changes ${after} ${seq}`, encode) : encode());
  return { tooOld, head, drains, lines, full: rows.length === BATCH };
}

/** Encodes one step, from the cache of recent commits if possible. */
async function lineOf(sources: EventSources, fleet: Fleet, step: Step): Promise<Uint8Array> {
  const bytes = sources.recent.line(step) ?? (await encodeEvent(await eventOf(sources, fleet, step)));
  reportMilestone('sent', step.tenant);
  return bytes;
}
