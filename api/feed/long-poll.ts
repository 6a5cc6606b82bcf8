import type { Services } from '../context.ts';
import type { Fleet } from '../store/fleets.ts';
import { type Batch, chunksOf } from './batch.ts';
import type { Channel } from './channel.ts';
import { fleetLine } from './encode.ts';
import type { Permission } from './permission.ts';
import { readLines } from './read-lines.ts';
import { snapshot } from './snapshot.ts';

const encoder = new TextEncoder();

/** The request of the caller, and the permission that must remain valid until the response ends. */
export interface LongPollInput {
  /** The cursor of the reader. Undefined requests a snapshot. */
  after: number | undefined;
  /** The number of changes of drained nodes that the reader knows. Undefined when it does not say. */
  drains: number | undefined;
  /** The maximum time to wait for a new event, in seconds. */
  wait: number;
  /** The permission of the caller. The function releases it when the response has ended. */
  permission: Permission;
}

/**
 * Makes the body of one page of the feed: `{"events": […], "cursor": N}`, with the events after the reader's cursor.
 *
 * If there is no event after the cursor, and the reader knows which nodes are drained, the function waits for an event,
 * up to `wait` seconds. If the cursor is too old, the page is a snapshot. The function then returns a stream, which
 * reads the store only as fast as the client reads the response.
 *
 * @param fleet the fleet, read immediately before
 * @throws Problem `unauthorized` when the caller's token is revoked or expires while the function waits
 */
export async function longPoll(
  services: Services,
  fleet: Fleet,
  { after, drains, wait, permission }: LongPollInput,
): Promise<string | ReadableStream<Uint8Array>> {
  if (after === undefined) return snapshotBody(services, fleet, permission);
  const channel: Channel = { fleet: fleet.name };
  const room = services.feeds.room(fleet.name);
  const readNext = async () => {
    const finish = room.read();
    const read = await room
      .prepare(
        () => permission.gone.aborted,
        () => readLines(services.feeds.sources, channel, after, room),
      )
      .finally(finish);
    permission.gone.throwIfAborted();
    return read!;
  };
  let read = await readNext();
  const isDue = drains !== undefined && drains !== read.drains;
  if (!read.tooOld && after <= read.head && !read.lines && !isDue && wait > 0) {
    await next(services, channel, { after, drains: read.drains, ms: wait * 1000, permission });
    await permission.check();
    permission.gone.throwIfAborted();
    read = await readNext();
  }
  if (read.tooOld || after > read.head) return snapshotBody(services, fleet, permission);
  const { lines } = read;
  const cursor = lines?.seq ?? after;
  if (lines && lines.size > SMALL) return pageOf(services, fleet, permission, once(lines, cursor));
  permission.release();
  const decoder = new TextDecoder();
  const { bytes } = await fleetLine(services.store, fleet);
  const events = [bytes, ...(lines?.lines ?? [])].map((bytes) => decoder.decode(bytes).trimEnd());
  return `{"events":[${events.join(',')}],"cursor":${cursor}}`;
}

/** The size of the lines of a page that is not streamed, in bytes. */
const SMALL = 64 * 1024;

/** What a reader waits for. */
interface Awaited {
  /** The cursor of the reader. */
  after: number;
  /** The number of changes of drained nodes that the reader knows. */
  drains: number;
  /** The maximum time to wait, in milliseconds. */
  ms: number;
  permission: Permission;
}

/**
 * Waits for the next event of a channel.
 *
 * @returns a promise that resolves at the channel's next commit, when other nodes are drained, after `ms`, when the
 *   caller's token becomes invalid, or when the process stops
 */
function next(services: Services, channel: Channel, { after, drains, ms, permission }: Awaited): Promise<void> {
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
    const subscriber = { deliver: done, reset: done, describe: done, drains };
    const timer = setTimeout(done, ms);
    const heartbeat = setInterval(() => void permission.check(), services.settings.heartbeat);
    for (const end of ends) end.addEventListener('abort', done, { once: true });
    if (permission.gone.aborted || !tail.join(after, subscriber)) done();
  });
}

/** Makes the body of a page that contains a snapshot. */
function snapshotBody(services: Services, fleet: Fleet, permission: Permission): ReadableStream<Uint8Array> {
  const { feeds, clock } = services;
  return pageOf(services, fleet, permission, snapshot(feeds.sources, fleet, clock, feeds.room(fleet.name)));
}

async function* once(batch: Batch, cursor: number): AsyncGenerator<Batch, number> {
  yield batch;
  return cursor;
}

const COMMA = encoder.encode(',');

/**
 * Makes the body of a page. It ends early when the caller's token becomes invalid.
 *
 * @param parts the lines of the page after the description of the fleet, and the cursor of its reader
 */
function pageOf(
  { feeds }: Services,
  fleet: Fleet,
  permission: Permission,
  parts: AsyncGenerator<Batch, number>,
): ReadableStream<Uint8Array> {
  let isCancelled = false;
  const isOver = () => isCancelled || permission.gone.aborted;
  const chunks = chunksOfPage(feeds, fleet, parts, isOver);
  const end = () => {
    permission.release();
    return chunks.return();
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await chunks.next();
        // A truncated response is not valid JSON, so no client mistakes it for a complete one.
        if (!chunk.done && !isOver()) return controller.enqueue(chunk.value);
        await end();
        if (!isCancelled) controller.close();
      },
      async cancel() {
        isCancelled = true;
        await end();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * Yields the chunks of a page. It prepares a part when the one before was read, and the room of the fleet has space.
 */
async function* chunksOfPage(
  feeds: Services['feeds'],
  fleet: Fleet,
  parts: AsyncGenerator<Batch, number>,
  isOver: () => boolean,
): AsyncGenerator<Uint8Array, void> {
  const room = feeds.room(fleet.name);
  const finish = room.read();
  let release: (() => void) | undefined;
  try {
    yield encoder.encode('{"events":[');
    yield (await fleetLine(feeds.sources.store, fleet)).bytes;
    for (;;) {
      const part = await room.prepare(isOver, () => parts.next());
      if (!part) return;
      if (part.done) return yield encoder.encode(`],"cursor":${part.value}}`);
      release = room.hold(part.value);
      for (const line of part.value.lines) {
        yield COMMA;
        yield* chunksOf(line);
      }
      release();
      release = undefined;
    }
  } finally {
    release?.();
    finish();
  }
}
