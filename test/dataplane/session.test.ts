import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scopeName } from '../../dataplane/compile/index.ts';
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
      ['DfbHWa92pywpy2i', 'IJQ4-T8KS6WcWm3'], // digests of 80|first.test and 80|second.test
    ]);
  });

  it('are told to who comes back as what is new to them and what is gone', async () => {
    feed.tell('second', saying('two', 'second.test'));
    const client = keep(new DeltaClient(feed.agent.xds));
    client.ask(TYPES.routes, { subscribe: ['80|second.test'] });
    const isHeld = () =>
      client.received.some(({ resources }) => resources.some(({ version }) => version !== 'nothing'));
    await client.until(isHeld);
    client.received.length = 0;
    client.ask(TYPES.scope, { have: { [scopeName('80|first.test')]: '1', gone: '1' } });
    const told = { now: [] as string[], gone: [] as string[] };
    while (told.now.length === 0 || told.gone.length === 0) {
      const { typeUrl, nonce, resources, removedResources } = await client.next();
      client.ask(typeUrl, { nonce });
      told.now.push(...resources.map(({ name }) => name));
      told.gone.push(...removedResources);
    }
    expect(told).toEqual({ now: [scopeName('80|second.test')], gone: ['gone'] });
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
