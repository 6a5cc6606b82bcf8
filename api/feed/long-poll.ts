import type { Services } from '../context.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Channel } from './channel.ts';
import { fleetLine } from './encode.ts';
import type { Permission } from './permission.ts';
import { type Line, readLines } from './read-lines.ts';
import { chunksOf, type FeedRoom } from './room.ts';
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
  const room = services.feeds.room(fleet.name);
  const readNext = () =>
    room.prepare(
      () => permission.gone.aborted,
      () => readLines(services.feeds.sources, channel, after),
    );
  let read = await readNext();
  if (!read.tooOld && after <= read.head && read.lines.length === 0 && wait > 0) {
    await next(services, channel, after, wait * 1000, permission);
    await permission.check();
    permission.gone.throwIfAborted();
    read = await readNext();
  }
  if (read.tooOld || after > read.head) return snapshotBody(services, fleet, permission);
  const decoder = new TextDecoder();
  const events = [fleetLine(fleet), ...read.lines.map(({ bytes }) => bytes)].map((bytes) =>
    decoder.decode(bytes).trimEnd(),
  );
  const body = `{"events":[${events.join(',')}],"cursor":${read.lines.at(-1)?.seq ?? after}}`;
  if (body.length > SMALL) return streamOf(room, permission, once(encoder.encode(body)));
  permission.release();
  return body;
}

/** The size of a page that is not streamed, in characters. */
const SMALL = 64 * 1024;

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
  return streamOf(services.feeds.room(fleet.name), permission, snapshotParts(services, fleet));
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield body;
}

async function* snapshotParts(services: Services, fleet: Fleet): AsyncGenerator<Uint8Array, void> {
  const decoder = new TextDecoder();
  yield encoder.encode(`{"events":[${decoder.decode(fleetLine(fleet)).trimEnd()}`);
  const lines = snapshot(services.feeds.sources, fleet, services.clock);
  for (;;) {
    const line = await lines.next();
    if (line.done) return yield encoder.encode(`],"cursor":${line.value}}`);
    yield encoder.encode(`,${decoder.decode(line.value).trimEnd()}`);
  }
}

/** Makes a body of parts. It prepares a part when the one before was read, and there is room in the room of the fleet. */
function streamOf(
  room: FeedRoom,
  permission: Permission,
  parts: AsyncGenerator<Uint8Array, void>,
): ReadableStream<Uint8Array> {
  let unread: Uint8Array[] = [];
  const drop = () => {
    for (const { byteLength } of unread) room.free(byteLength);
    unread = [];
    permission.release();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (unread.length === 0) {
          const part = await room.prepare(
            () => permission.gone.aborted,
            () => parts.next(),
          );
          if (part.done) {
            drop();
            return controller.close();
          }
          unread = chunksOf(part.value);
          room.hold(part.value.byteLength);
        }
        // A truncated response is not valid JSON, so no client mistakes it for a complete one.
        if (permission.gone.aborted) {
          drop();
          return controller.close();
        }
        const chunk = unread.shift()!;
        room.free(chunk.byteLength);
        controller.enqueue(chunk);
      },
      async cancel() {
        drop();
        await parts.return();
      },
    },
    { highWaterMark: 0 },
  );
}
