/** Readers that read nothing cost a bounded amount of memory, and not for long. */
import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { FeedRoom } from '../../../api/feed/room.ts';
import { Turns } from '../../../api/store/turns.ts';
import { disconnectUnread } from '../../../api/unread.node.ts';

const batch = (size: number) => ({ lines: [], size });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('nothing more is prepared while much is unread, and parts are prepared one after the other', async () => {
  const room = new FeedRoom('a', { most: 100, patience: 10_000 }, new Turns());
  const done: string[] = [];
  const read: (() => void)[] = [];
  const prepare = (name: string) =>
    room.prepare(
      () => false,
      async () => {
        read.push(room.hold(batch(60)));
        done.push(name);
      },
    );
  const all = Promise.all(['a', 'b', 'c', 'd'].map(prepare));
  await pause(5);
  expect(done).toEqual(['a', 'b']);
  read.shift()!();
  await pause(5);
  expect(done).toEqual(['a', 'b', 'c']);
  read.shift()!();
  await all;
  expect(done).toEqual(['a', 'b', 'c', 'd']);
});

test('a part that waits for room does not wait for ever, nor does one whose response has ended', async () => {
  const room = new FeedRoom('a', { most: 100, patience: 20 }, undefined);
  room.hold(batch(200));
  expect(
    await room.prepare(
      () => false,
      async () => 'late',
    ),
  ).toBe('late');
  expect(
    await room.prepare(
      () => true,
      async () => 'over',
    ),
  ).toBeUndefined();
});

test('responses share lines while one of them may need them, and soon after; the lines count once', async () => {
  const room = new FeedRoom('a', { most: 100, patience: 10_000 }, new Turns());
  let prepared = 0;
  const prepare = (size: number) =>
    room.prepare(
      () => false,
      () => room.share(`of ${size}`, async () => ({ ...batch(size), number: ++prepared })),
    );
  const numbers = async (...sizes: number[]) => {
    const batches = await Promise.all(sizes.map(prepare));
    return batches.map((each) => each!.number);
  };
  const finish = [room.read(), room.read()];
  expect(await numbers(60, 60, 60)).toEqual([1, 1, 1]);
  const held = await prepare(60);
  const read = Array.from({ length: 300 }, () => room.hold(held!));
  expect(await numbers(60)).toEqual([1]);
  for (const each of read) each();

  expect(await numbers(50, 60, 200, 200, 50)).toEqual([2, 3, 4, 5, 6]);
  finish.pop()!();
  expect(await numbers(50)).toEqual([6]);
  finish.pop()!();
  expect(await numbers(50)).toEqual([6]);
  const again = room.read();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  again();
  vi.runAllTimers();
  vi.useRealTimers();
  expect(await numbers(50, 50)).toEqual([7, 8]);
});

test('many parts let other requests run in between', async () => {
  const room = new FeedRoom('a', { most: 100, patience: 10_000 }, new Turns());
  const work = async () => {
    for (const until = performance.now() + 5; performance.now() < until; );
  };
  let done = 0;
  const all = Array.from({ length: 20 }, () => room.prepare(() => false, work).then(() => done++));
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toBeLessThan(10);
  await Promise.all(all);
});

test('a client that reads nothing is disconnected; one that gets nothing yet is not', async () => {
  const server = createServer((incoming, response) => void answer(incoming.url!, response)).listen(0, '127.0.0.1');
  disconnectUnread(server, 100);
  await once(server, 'listening');
  const answer = async (path: string, response: ServerResponse) => {
    response.writeHead(200);
    response.flushHeaders();
    if (path === '/large') while (response.write(Buffer.alloc(1_000_000))) {}
    else setTimeout(() => response.end('at last'), 400);
  };
  const open = (path: string) => request({ port: (server.address() as AddressInfo).port, path }).end();
  const [stuck, patient] = [open('/large'), open('/late')];
  const [[unread], [late]] = await Promise.all([once(stuck, 'response'), once(patient, 'response')]);
  let text = '';
  late.on('data', (data: Buffer) => {
    text += data;
  });
  unread.on('error', () => {});
  const connected = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  await once(late, 'end');
  expect(text).toBe('at last');
  while ((await connected()) > 1) await pause(10);
  stuck.destroy();
  server.closeAllConnections();
  server.close();
});
