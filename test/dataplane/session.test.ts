import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TYPES } from '../../dataplane/xds/resource.ts';
import type { ConfigurationDocument } from '../../model/configuration.ts';
import { DeltaClient, SotwClient } from '../xds/client.ts';
import { Feed } from './feed.ts';

const fleet = {
  name: 'edge',
  labels: { ingress: 'public' },
  address: '127.0.0.1',
  ports: [{ number: 80, bind: 10080, protocol: 'HTTP' as const }],
};
const saying = (body: string, ...hosts: string[]): ConfigurationDocument => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }],
    },
  },
  routes: { app: { hosts, gateways: ['web'], http: [{ directResponse: { status: 200, body } }] } },
});

let feed: Feed;
const clients: { close(): void }[] = [];

beforeEach(async () => {
  feed = await Feed.start(fleet, { first: saying('one', 'first.test') });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await feed.stop();
});

function keep<C extends { close(): void }>(client: C): C {
  clients.push(client);
  return client;
}
const node = () => feed.nodes[0];

describe('scopes', () => {
  it('are told to nobody who has not subscribed to them, who then is told all there are', async () => {
    const client = keep(new DeltaClient(feed.agent.xds));
    const answer = async () => {
      const response = await client.next();
      client.ask(response.typeUrl, { nonce: response.nonce });
      return response;
    };
    client.ask(TYPES.listener);
    expect([(await answer()).typeUrl, (await answer()).typeUrl]).toEqual([TYPES.listener, TYPES.listener]);

    client.ask(TYPES.routes, { subscribe: ['80|second.test'] });
    expect((await answer()).resources[0]?.version).toBe('nothing');
    feed.tell('second', saying('two', 'second.test'));
    expect((await answer()).resources[0]?.name).toBe('80|second.test');
    // Answers come in order, so a scope would have come before this one.
    client.ask(TYPES.routes, { subscribe: ['80|first.test'] });
    expect((await answer()).resources[0]?.name).toBe('80|first.test');

    client.ask(TYPES.scope);
    const { typeUrl, resources } = await answer();
    expect([typeUrl, resources.map(({ name }) => name)]).toEqual([
      TYPES.scope,
      ['s/80|first.test', 's/80|second.test'],
    ]);
  });

  it('hold back no client that never asks for them', async () => {
    const client = keep(new SotwClient(feed.agent.xds));
    client.ask(TYPES.listener, { names: ['first.test'] });
    const { nonce, versionInfo: version } = await client.next();
    client.ask(TYPES.listener, { names: ['first.test'], nonce, version });
    const seq = feed.tell('second', saying('two', 'second.test'));
    await vi.waitFor(() => expect(node()).toMatchObject({ acked: seq, live: seq }), 10_000);
  });
});
