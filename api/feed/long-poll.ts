import type { Services } from '../context.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Channel } from './channel.ts';
import { fleetLine } from './encode.ts';
import type { Permission } from './permission.ts';
import { type Line, readLines } from './read-lines.ts';
import { snapshot } from './snapshot.ts';

const encoder = new TextEncoder();

/** The request of the caller, and the permission that must remain valid until the response ends. */
export interface LongPollInput {
  /** The cursor of the reader. Undefined requests a snapshot. */
  after: number | undefined;
  /** The maximum time to wait for a new event, in seconds. */
  wait: number;
  /** The permission of the caller. The function releases it when the response has ended. */
  permission: Permission;
}

/**
 * Makes the body of one page of the feed: `{"events": […], "cursor": N}`, with the events after the reader's cursor.
 *
 * If there is no event after the cursor, the function waits for one, up to `wait` seconds. If the cursor is too old,
 * the page is a snapshot. The function then returns a stream, which reads the store only as fast as the client reads
 * the response.
 *
 * @param fleet the fleet, read immediately before
 * @throws Problem `unauthorized` when the caller's token is revoked or expires while the function waits
 */
export async function longPoll(
  services: Services,
  fleet: Fleet,
  { after, wait, permission }: LongPollInput,
): Promise<string | ReadableStream<Uint8Array>> {
  if (after === undefined) return snapshotBody(services, fleet, permission);
  const channel: Channel = { fleet: fleet.name };
  let read = await readLines(services.feeds.sources, channel, after);
  if (!read.tooOld && after <= read.head && read.lines.length === 0 && wait > 0) {
    await next(services, channel, after, wait * 1000, permission);
    await permission.check();
    permission.gone.throwIfAborted();
    read = await readLines(services.feeds.sources, channel, after);
  }
  if (read.tooOld || after > read.head) return snapshotBody(services, fleet, permission);
  permission.release();
  const decoder = new TextDecoder();
  const events = [fleetLine(fleet), ...read.lines.map(({ bytes }) => bytes)].map((bytes) =>
    decoder.decode(bytes).trimEnd(),
  );
  return `{"events":[${events.join(',')}],"cursor":${read.lines.at(-1)?.seq ?? after}}`;
}

/**
 * Waits for the next event of a channel.
 *
 * @param after the cursor of the reader
 * @param ms the maximum time to wait, in milliseconds
 * @returns a promise that resolves at the channel's next commit, after `ms`, when the caller's token becomes invalid,
 *   or when the process stops
 */
function next(services: Services, channel: Channel, after: number, ms: number, permission: Permission): Promise<void> {
  return new Promise((resolve) => {
    const tail = services.feeds.tail(channel);
    const ends = [services.feeds.closing, permission.gone];
    const done = () => {
      clearTimeout(timer);
      clearInterval(heartbeat);
      tail.leave(subscriber);
      for (const end of ends) end.removeEventListener('abort', done);
      resolve();
    };
    const subscriber = { deliver: (_lines: readonly Line[]) => done(), reset: done };
    const timer = setTimeout(done, ms);
    const heartbeat = setInterval(() => void permission.check(), services.settings.heartbeat);
    for (const end of ends) end.addEventListener('abort', done, { once: true });
    if (permission.gone.aborted || !tail.join(after, subscriber)) done();
  });
}

/** Makes the body of a page that contains a snapshot. It ends early when the caller's token becomes invalid. */
function snapshotBody(services: Services, fleet: Fleet, permission: Permission): ReadableStream<Uint8Array> {
  const lines = snapshot(services.feeds.sources, fleet, services.clock);
  const decoder = new TextDecoder();
  let first = true;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (first) {
        first = false;
        controller.enqueue(encoder.encode(`{"events":[${decoder.decode(fleetLine(fleet)).trimEnd()}`));
        return;
      }
      const line = await lines.next();
      // A truncated response is not valid JSON, so no client mistakes it for a complete one.
      if (permission.gone.aborted) return controller.close();
      if (!line.done) controller.enqueue(encoder.encode(`,${decoder.decode(line.value).trimEnd()}`));
      else {
        permission.release();
        controller.enqueue(encoder.encode(`],"cursor":${line.value}}`));
        controller.close();
      }
    },
    async cancel() {
      permission.release();
      await lines.return(0);
    },
  });
}
