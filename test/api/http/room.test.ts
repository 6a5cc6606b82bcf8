/** Clients of one tenant that request much and read nothing cost a bounded amount of memory, and delay nobody else. */
import { expect, test } from 'vitest';
import { type Made, ResponseRoom } from '../../../api/http/room.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const MB = 1024 * 1024;
const made = (megabytes: number): Made => ({ status: 200, headers: {}, content: 'x'.repeat(megabytes * MB) });
const request = (init?: RequestInit) => new Request('http://localhost/', init);

test('many resources are read for one request of a tenant at a time, and for other tenants meanwhile', async () => {
  const room = new ResponseRoom(10_000);
  const begun: string[] = [];
  const finish: (() => void)[] = [];
  const read = (tenant: string, name: string) =>
    room.make(tenant, 'bulk', request(), async () => {
      begun.push(name);
      await new Promise<void>((resolve) => finish.push(resolve));
      return made(0);
    });
  const all = Promise.all([read('a', 'a1'), read('a', 'a2'), read('b', 'b1')]);
  await pause(0);
  expect(begun).toEqual(['a1', 'b1']);
  finish.shift()!();
  await pause(0);
  expect(begun).toEqual(['a1', 'b1', 'a2']);
  for (const each of finish) each();
  await all;
});

test('a response is made only when the clients of the tenant have read earlier ones', async () => {
  const room = new ResponseRoom(10_000);
  const unread = [await room.make('a', 'resource', request(), async () => made(9))];
  unread.push(await room.make('a', 'resource', request(), async () => made(9)));
  let isMade = false;
  const third = room.make('a', 'bulk', request(), async () => {
    isMade = true;
    return made(0);
  });
  await pause(5);
  expect(isMade).toBe(false);
  expect((await room.make('b', 'bulk', request(), async () => made(0))).status).toBe(200);
  expect(unread[0]!.headers.get('content-length')).toBe(String(9 * MB));
  expect(await unread[0]!.text()).toBe('x'.repeat(9 * MB));
  expect((await third).status).toBe(200);
});

test('a response that nobody reads any more makes room, and HEAD needs none', async () => {
  const room = new ResponseRoom(10_000);
  const client = new AbortController();
  await room.make('a', 'resource', request({ method: 'HEAD' }), async () => made(20));
  await room.make('a', 'resource', request({ signal: client.signal }), async () => made(20));
  client.abort();
  const dropped = await room.make('a', 'resource', request(), async () => made(20));
  await dropped.body!.cancel();
  await room.make('a', 'resource', request(), async () => made(20));
});

test('a request does not wait for room for ever, and then nothing is done', async () => {
  const room = new ResponseRoom(20);
  await room.make('a', 'resource', request(), async () => made(20));
  const late = room.make('a', 'bulk', request(), () => expect.unreachable());
  await expect(late).rejects.toMatchObject({ code: 'too-many-requests', headers: { 'retry-after': '5' } });
});

test('a stream keeps its room until it ends, or nobody reads it any more', async () => {
  const room = new ResponseRoom(20);
  const stream = (client = new AbortController()) =>
    room.make('a', 'bulk', request({ signal: client.signal }), async () => {
      const content = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode('line\n'));
          controller.close();
        },
      });
      return { status: 200, headers: {}, content };
    });
  const gone = new AbortController();
  const open = [await stream(gone), ...(await Promise.all(Array.from({ length: 15 }, () => stream())))];
  await expect(stream()).rejects.toMatchObject({ code: 'too-many-requests' });
  expect((await room.make('b', 'bulk', request(), async () => made(0))).status).toBe(200);
  expect(await open[1]!.text()).toBe('line\n');
  await open[2]!.body!.cancel();
  gone.abort();
  for (let i = 0; i < 3; i++) await stream();
  await expect(stream()).rejects.toMatchObject({ code: 'too-many-requests' });
});
