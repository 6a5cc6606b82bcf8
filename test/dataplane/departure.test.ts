import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SotwClient } from '../xds/client.ts';
import { TYPES } from '../xds/types.ts';
import { Feed } from './feed.ts';

const fleet = { name: 'edge', labels: {}, address: '127.0.0.1', ports: [] };
const nothing = { gateways: {}, routes: {} };

let feed: Feed;
const clients: SotwClient[] = [];
beforeEach(async () => {
  feed = await Feed.start(fleet, { first: nothing });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await feed.stop();
});

async function connect(): Promise<SotwClient> {
  const client = new SotwClient(feed.agent.xds);
  clients.push(client);
  client.ask(TYPES.listener, { names: ['nobody.test'] });
  const { nonce, versionInfo: version } = await client.next();
  client.ask(TYPES.listener, { names: ['nobody.test'], nonce, version });
  return client;
}
const connected = () => feed.reports.map((nodes) => nodes.map((node) => node.connected));
const last = () => connected().at(-1);

it('a client whose stream closes is reported as not connected, once, with its cursors', async () => {
  const client = await connect();
  await vi.waitFor(() => expect(last()).toEqual([true]), 10_000);
  client.close();
  await vi.waitFor(() => expect(last()).toEqual([false]), 10_000);
  expect(feed.nodes[0]).toMatchObject({ node: 'node-1', acked: 1, live: 1 });
  await connect();
  await vi.waitFor(() => expect(last()).toEqual([true]), 10_000);
});

it('a departure is reported until the API accepts the report', async () => {
  const client = await connect();
  await vi.waitFor(() => expect(last()).toEqual([true]), 10_000);
  feed.refuse = 2;
  client.close();
  await vi.waitFor(() => expect(feed.refuse).toBe(0), 10_000);
  await vi.waitFor(() => expect(last()).toEqual([false]), 10_000);
});

it('a client that has a newer stream stays connected when its older one closes', async () => {
  const older = await connect();
  await connect();
  await vi.waitFor(() => expect(last()).toEqual([true, true]), 10_000);
  older.close();
  await vi.waitFor(() => expect(last()).toEqual([true]), 10_000);
});

it('an agent that stops reports its clients as not connected', async () => {
  await connect();
  await vi.waitFor(() => expect(last()).toEqual([true]), 10_000);
  await feed.agent.close();
  expect(last()).toEqual([false]);
});
