import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { FeedEvent } from '../../wire/feed.ts';
import { follow } from '../api/fleets/stream.ts';
import { gateway, OPERATOR, SHARED_FLEET } from '../api/harness.ts';
import { type RunningWorker, serveWorker } from './serve.ts';

let worker: RunningWorker;
let agent: string;
beforeAll(async () => {
  worker = await serveWorker(inject('worker')!, {
    GATEHOUSE_OPERATOR_TOKEN: OPERATOR,
    GATEHOUSE_DOMAIN_PROOF: 'optional',
    GATEHOUSE_DELETION_GRACE_DAYS: '0',
    GATEHOUSE_SEALING_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    // Too seldom to help: only a wake is in time.
    GATEHOUSE_FEED_POLL: '60000',
    GATEHOUSE_HEARTBEAT: '100',
  });
  await call('POST', '/v1/fleets', SHARED_FLEET);
  await call('POST', '/v1/tenants', { name: 'acme' });
  agent = (await call('POST', '/v1/fleets/public/tokens', {})).token;
});
afterAll(() => worker.close());

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
async function call(method: string, path: string, body: unknown): Promise<any> {
  const headers = { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' };
  const response = await fetch(worker.url + path, { method, headers, body: JSON.stringify(body) });
  expect(response.ok, `${method} ${path}`).toBe(true);
  return response.json();
}

const open = (after: number) => follow(worker, `/v1/fleets/public/feed?after=${after}`, agent);
const publish = (host: string) => call('PUT', '/v1/tenants/acme/gateways/edge', gateway(host));
const isTenant = (event: FeedEvent) => event.type === 'tenant';
const seq = async () => (await worker.store.fleets.find('public'))!.seq;

test('a commit wakes the agents that wait, whichever isolate made it', async () => {
  const stream = await open(await seq());
  await stream.until(({ type }) => type === 'fleet');
  for (const host of ['a.test', 'b.test', 'c.test']) {
    await publish(host);
    expect((await stream.until(isTenant)).at(-1)).toMatchObject({ puts: [{ spec: { servers: [{ hosts: [host] }] } }] });
  }
  stream.close();
});

test('an object that was put away loses nothing: the agent comes back with its cursor and is told what it missed', async () => {
  const before = await seq();
  const stream = await open(before);
  await stream.until(({ type }) => type === 'fleet');
  await publish('d.test');
  await stream.until(isTenant);
  const cursor = await seq();

  stream.close();
  await worker.evict('public');
  await publish('e.test');

  const again = await open(cursor);
  const events = await again.until(isTenant);
  expect(events.at(-1)).toMatchObject({ base: 4, revision: 5, puts: [{ spec: { servers: [{ hosts: ['e.test'] }] } }] });
  await publish('f.test');
  expect((await again.until(isTenant)).at(-1)).toMatchObject({ revision: 6 });
  again.close();
});
