import type { House } from '../context.ts';
import type { Fleet } from '../store/port.ts';
import { snapshot } from './snapshot.ts';
import { fleetLine, type Line, readLines } from './wake.ts';

const encoder = new TextEncoder();

/**
 * `{"events": […], "cursor": N}`: what is new after a cursor, waiting up to `wait` seconds for something to be. With a cursor that is too old, the
 * snapshot, written as it is read.
 */
export async function longPoll(
  house: House,
  fleet: Fleet,
  after: number | undefined,
  wait: number,
): Promise<string | ReadableStream<Uint8Array>> {
  if (after === undefined) return snapshotBody(house, fleet);
  let read = await readLines(house.feeds.sources, fleet.name, after);
  if (!read.tooOld && after <= read.head && read.lines.length === 0 && wait > 0) {
    await next(house, fleet.name, after, wait * 1000);
    read = await readLines(house.feeds.sources, fleet.name, after);
  }
  if (read.tooOld || after > read.head) return snapshotBody(house, fleet);
  const decoder = new TextDecoder();
  const events = [fleetLine(fleet), ...read.lines.map(({ bytes }) => bytes)].map((bytes) =>
    decoder.decode(bytes).trimEnd(),
  );
  return `{"events":[${events.join(',')}],"cursor":${read.lines.at(-1)?.seq ?? after}}`;
}

/** Resolves at the fleet's next commit, or after `ms`, or when the process stops. */
function next(house: House, fleet: string, after: number, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const tail = house.feeds.tail(fleet);
    const done = () => {
      clearTimeout(timer);
      tail.leave(subscriber);
      house.feeds.closing.removeEventListener('abort', done);
      resolve();
    };
    const subscriber = { deliver: (_lines: readonly Line[]) => done(), reset: done };
    const timer = setTimeout(done, ms);
    house.feeds.closing.addEventListener('abort', done, { once: true });
    if (!tail.join(after, subscriber)) done();
  });
}

function snapshotBody(house: House, fleet: Fleet): ReadableStream<Uint8Array> {
  const lines = snapshot(house.feeds.sources, fleet, house.clock);
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
      if (!line.done) controller.enqueue(encoder.encode(`,${decoder.decode(line.value).trimEnd()}`));
      else {
        controller.enqueue(encoder.encode(`],"cursor":${line.value}}`));
        controller.close();
      }
    },
    async cancel() {
      await lines.return(0);
    },
  });
}
