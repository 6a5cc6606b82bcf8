import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { routesName, scopeName } from '../../dataplane/compile/index.ts';
import type { ConfigurationDocument } from '../../model/configuration.ts';
import { DeltaClient, LoadClient, SotwClient } from '../xds/client.ts';
import { TYPES } from '../xds/types.ts';
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
  it('are not sent to a client without a subscription, which gets all of them when it subscribes', async () => {
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
    // Responses arrive in order, so a scope would have arrived before this one.
    client.ask(TYPES.routes, { subscribe: ['80|first.test'] });
    expect((await answer()).resources[0]?.name).toBe('80|first.test');

    client.ask(TYPES.scope);
    const { typeUrl, resources } = await answer();
    expect([typeUrl, resources.map(({ name }) => name)]).toEqual([
      TYPES.scope,
      ['DfbHWa92pywpy2i', 'IJQ4-T8KS6WcWm3'], // digests of 80|first.test and 80|second.test
    ]);
  });

  it('are sent to a reconnecting client only if they were added or removed', async () => {
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

  it('of a reconnecting client do not advance its cursors before its loaded hosts are up to date', async () => {
    const before = keep(new DeltaClient(feed.agent.xds));
    before.ask(TYPES.routes, { subscribe: ['80|first.test'] });
    await before.until(() =>
      before.received.some(({ resources }) => resources.some(({ version }) => version !== 'nothing')),
    );
    before.close();
    await vi.waitFor(() => expect(node()).toMatchObject({ connected: false }), 10_000);

    const client = keep(new DeltaClient(feed.agent.xds));
    client.ask(TYPES.scope, { have: { [scopeName('80|first.test')]: '1' } });
    const scopes = await client.next();
    await vi.waitFor(() => expect(node()).toMatchObject({ connected: true }), 10_000);
    expect(node()).toMatchObject({ acked: 0, live: 0 });
    // The client first sends its subscriptions, one type after the other, and only then acknowledges responses.
    client.ask(TYPES.routes, { subscribe: ['80|first.test'], have: { '80|first.test': 'old' } });
    client.ask(TYPES.scope, { nonce: scopes.nonce });
    const sent = () => client.received.find(({ typeUrl }) => typeUrl === TYPES.routes);
    await client.until(() => sent() !== undefined);
    expect(node()).toMatchObject({ acked: 0, live: 0 });
    client.ask(TYPES.routes, { nonce: sent()!.nonce });
    await vi.waitFor(() => expect(node()).toMatchObject({ acked: 1, live: 1 }), 10_000);
  });

  it('do not delay the cursors of a client that never requests them', async () => {
    const client = keep(new SotwClient(feed.agent.xds));
    client.ask(TYPES.listener, { names: ['first.test'] });
    const { nonce, versionInfo: version } = await client.next();
    client.ask(TYPES.listener, { names: ['first.test'], nonce, version });
    const seq = feed.tell('second', saying('two', 'second.test'));
    await vi.waitFor(() => expect(node()).toMatchObject({ acked: seq, live: seq }), 10_000);
  });
});

describe('a client that reconnects', () => {
  it('gets each cluster that changed meanwhile, and its endpoints', async () => {
    const app = { port: 80, endpoints: [{ address: '10.0.0.1' }] };
    await feed.stop();
    feed = await Feed.start(fleet, { first: { ...saying('one', 'first.test'), upstreams: { app } } });
    const before = keep(new DeltaClient(feed.agent.xds));
    before.ask(TYPES.endpoints, { subscribe: ['first/app'] });
    const [held] = (await before.next()).resources;
    before.close();

    const client = keep(new DeltaClient(feed.agent.xds));
    client.ask(TYPES.cluster, { have: { 'first/app': 'of another time' } });
    expect((await client.next()).resources.map(({ name }) => name)).toEqual(['first/app']);
    // Envoy warms the cluster with endpoints that it gets after the cluster.
    client.ask(TYPES.endpoints, { subscribe: ['first/app'], have: { 'first/app': held!.version } });
    expect((await client.next()).resources.map(({ name }) => name)).toEqual(['first/app']);
  });
});

describe('an idle host', () => {
  const key = '80|first.test';
  let client: DeltaClient;
  let loads: LoadClient;

  beforeEach(async () => {
    await feed.stop();
    feed = await Feed.start(fleet, { first: saying('one', 'first.test') }, { hostIdle: 1000 });
    client = keep(new DeltaClient(feed.agent.xds));
    loads = keep(new LoadClient(feed.agent.xds));
    client.ask(TYPES.scope);
  });

  /** Acknowledges all responses until a resource of this type and name arrives, and rejects that one with `error`. */
  async function given(type: string, name: string, error?: string) {
    for (;;) {
      const { typeUrl, nonce, resources } = await client.next();
      const found = typeUrl === type && resources.find((resource) => resource.name === name);
      client.ask(typeUrl, found && error ? { nonce, error } : { nonce });
      if (found) return found;
    }
  }

  /** Sends load reports without requests until the scope points to another name. */
  async function evicted() {
    const timer = setInterval(() => loads.report({}), 250);
    return given(TYPES.scope, scopeName(key)).finally(() => clearInterval(timer));
  }

  async function load(name: string) {
    client.ask(TYPES.routes, { subscribe: [name] });
    return given(TYPES.routes, name);
  }

  it('is detected by load reports at a quarter of the idle time', async () => {
    expect(await loads.next()).toMatchObject({
      sendAllClusters: true,
      loadReportingInterval: { seconds: 0, nanos: 250_000_000 },
    });
  });

  it('is evicted by pointing its scope to the other name, and back the next time, with the same routes under both names', async () => {
    await given(TYPES.scope, scopeName(key));
    const first = await load(key);
    expect((await evicted()).version).toBe('2');
    client.ask(TYPES.routes, { unsubscribe: [key] });
    expect((await load(routesName(key, 'second'))).version).toBe(first.version);
    expect((await evicted()).version).toBe('1');
  });

  it('is loaded again with its last good routes when Envoy rejected the current ones', async () => {
    await given(TYPES.scope, scopeName(key));
    const good = await load(key);
    await evicted();
    client.ask(TYPES.routes, { unsubscribe: [key] });
    await load(routesName(key, 'second'));
    // When this response arrives, the agent has read all earlier acknowledgements.
    await load('80|nobody.test');
    feed.tell('first', saying('bad', 'first.test'));
    await given(TYPES.routes, routesName(key, 'second'), 'no');
    await vi.waitFor(() => expect(node()?.rejections).not.toEqual([]), 10_000);
    await evicted();
    client.ask(TYPES.routes, { unsubscribe: [routesName(key, 'second')] });
    expect((await load(key)).version).toBe(good.version);
  });

  it('has the same second name when the client reconnects', async () => {
    await given(TYPES.scope, scopeName(key));
    await load(key);
    await evicted();
    client.close();
    client = keep(new DeltaClient(feed.agent.xds));
    client.ask(TYPES.scope, { have: { [scopeName(key)]: '2' } });
    await load(routesName(key, 'second'));
    expect((await evicted()).version).toBe('1');
  });
});
