import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConfigurationDocument } from '../../model/configuration.ts';
import { DeltaClient } from '../xds/client.ts';
import { TYPES } from '../xds/types.ts';
import { Feed } from './feed.ts';

const fleet = {
  name: 'edge',
  labels: { ingress: 'public' },
  address: '127.0.0.1',
  ports: [{ number: 80, bind: 10080, protocol: 'HTTP' as const }],
};
const KEY = '80|a.test';
const answering = (host: string, body: string) => ({
  hosts: [host],
  gateways: ['web'],
  http: [{ directResponse: { status: 200, body } }],
});
/** Two hosts, each with its own route and this response. */
const saying = (a: string, b = 'b'): ConfigurationDocument => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.test', 'b.test'] }],
    },
  },
  routes: { a: answering('a.test', a), b: answering('b.test', b) },
});

let feed: Feed;
let client: DeltaClient;
let probe: Server;
/** The version the proxy serves, according to its probe listener. */
let served: string;

beforeEach(async () => {
  feed = await Feed.start(fleet, { acme: saying('one') }, { probeTimeout: 20_000 });
  probe = createServer((_, response) => response.writeHead(200).end(served));
  await new Promise<void>((resolve) => probe.listen(join(feed.folder, 'probe.sock'), resolve));
  connect();
  served = (await taken()).version;
});
afterEach(async () => {
  client.close();
  probe.closeAllConnections();
  probe.close();
  await feed.stop();
});

function connect(have: Record<string, string> = {}): void {
  client = new DeltaClient(feed.agent.xds, join(feed.folder, 'probe.sock'));
  client.ask(TYPES.scope);
  client.ask(TYPES.routes, { subscribe: [KEY], have });
}

/** The next routes sent to the client; everything else is acknowledged. */
async function given() {
  for (;;) {
    const { typeUrl, nonce, resources } = await client.next();
    const [resource] = resources;
    if (typeUrl === TYPES.routes && resource) return { version: resource.version, nonce };
    client.ask(typeUrl, { nonce });
  }
}
async function taken() {
  const routes = await given();
  client.ask(TYPES.routes, { nonce: routes.nonce });
  return routes;
}
const refuse = (nonce: string, text: string) => client.ask(TYPES.routes, { nonce, error: `cannot take ${text}` });
/** Returns when the agent has read everything that the client sent before. */
async function heard() {
  client.ask(TYPES.routes, { subscribe: ['80|nobody.test'] });
  expect((await taken()).version).toBe('nothing');
  client.ask(TYPES.routes, { unsubscribe: ['80|nobody.test'] });
}

const node = () => feed.nodes[0]!;
const live = (seq: number) => vi.waitFor(() => expect(node()?.live).toBeGreaterThanOrEqual(seq), 10_000);
const rejections = () =>
  node().rejections.map(({ revision, resource, message, over, superseded }) => ({
    revision,
    resource,
    message,
    ...(over && { over }),
    ...(superseded && { superseded }),
  }));
const rejection = (revision: number, text: string, more: object = {}) => ({
  revision,
  resource: 'routes/a',
  message: `cannot take ${text}`,
  ...more,
});

describe('a rejection', () => {
  it('belongs to the event that changed the routes, not to events that came while the routes were under way', async () => {
    const bad = feed.tell('acme', saying('bad'));
    const { nonce } = await given();
    const other = feed.tell('acme', saying('bad', 'changed'));
    await heard();
    refuse(nonce, 'bad');
    await live(other);
    expect(rejections()).toEqual([rejection(bad, 'bad')]);
    await live(feed.tell('acme', saying('bad', 'changed again')));
    expect(rejections()).toEqual([rejection(bad, 'bad')]);
  });

  it('belongs to each event that changed the rejected routes, but not to the repair', async () => {
    const first = feed.tell('acme', saying('bad'));
    const { nonce } = await given();
    const second = feed.tell('acme', saying('worse'));
    refuse(nonce, 'bad');
    refuse((await given()).nonce, 'worse');
    await live(second);
    expect(rejections()).toEqual([rejection(first, 'bad'), rejection(second, 'worse')]);
    const repair = feed.tell('acme', saying('mended'));
    served = (await taken()).version;
    await live(repair);
    await vi.waitFor(() => expect(rejections()).toEqual([]), 10_000);
  });

  it('makes the agent serve the last good routes, even if the rejected version returns later', async () => {
    feed.tell('acme', saying('bad'));
    refuse((await given()).nonce, 'bad');
    feed.tell('acme', saying('mended'));
    const { version } = await taken();
    served = version;
    const again = feed.tell('acme', saying('bad'));
    refuse((await given()).nonce, 'bad');
    await live(again);
    expect(rejections().filter(({ over }) => !over)).toEqual([rejection(again, 'bad')]);
    const second = new DeltaClient(feed.agent.xds, join(feed.folder, 'none.sock'));
    second.ask(TYPES.routes, { subscribe: [KEY] });
    expect((await second.next()).resources[0]?.version).toBe(version);
    second.close();
  });

  it('is reported when the API accepts reports again, even if it is over by then', async () => {
    feed.refuse = Number.POSITIVE_INFINITY;
    const bad = feed.tell('acme', saying('bad'));
    refuse((await given()).nonce, 'bad');
    const repair = feed.tell('acme', saying('mended'));
    served = (await taken()).version;
    await heard();
    feed.refuse = 0;
    await live(repair);
    expect(feed.reports.flat().some(({ rejections: [one] }) => one?.revision === bad && one.over)).toBe(true);
    await live(feed.tell('acme', saying('mended', 'on')));
    await vi.waitFor(() => expect(rejections()).toEqual([]), 10_000);
  });

  it('is known after a restart of an agent that ended before it could report it', async () => {
    const good = served;
    feed.refuse = Number.POSITIVE_INFINITY;
    const bad = feed.tell('acme', saying('bad'));
    refuse((await given()).nonce, 'bad');
    const later = feed.tell('acme', saying('bad', 'changed'));
    await heard();
    await feed.agent.close();
    client.close();
    feed.refuse = 0;
    await feed.startAgent();
    connect({ [KEY]: good });
    await heard();
    await live(later);
    expect(rejections()).toEqual([rejection(bad, 'bad')]);
  });

  it('of routes that an agent sent before it restarted belongs to the last revision that changed the resource', async () => {
    const good = served;
    feed.tell('acme', saying('bad'));
    await given();
    await feed.agent.close();
    client.close();
    await feed.startAgent();
    connect({ [KEY]: good });
    refuse((await given()).nonce, 'bad');
    await vi.waitFor(() => expect(node()?.rejections).toMatchObject([{ resource: 'routes/a', from: 0 }]), 10_000);
    // It keeps serving the routes it had when it connected, and gets only the current ones.
    client.ask(TYPES.routes, { subscribe: ['80|nobody.test'] });
    for (;;) {
      const { resources } = await client.next();
      if (resources.some(({ name }) => name === '80|nobody.test')) break;
      expect(resources.map(({ version }) => version)).not.toContain('nothing');
    }
  });
});

/** Returns the next routes of one host. Routes of other hosts are not acknowledged. */
async function givenOf(key: string) {
  for (;;) {
    const { typeUrl, nonce, resources } = await client.next();
    if (typeUrl !== TYPES.routes) client.ask(typeUrl, { nonce });
    else if (resources.some(({ name }) => name === key)) return nonce;
  }
}

describe('a rejection of one host’s routes', () => {
  beforeEach(async () => {
    client.ask(TYPES.routes, { subscribe: ['80|b.test'] });
    client.ask(TYPES.routes, { nonce: await givenOf('80|b.test') });
  });

  it('names a route of that host, even if a route of another host contains the same text', async () => {
    const first = feed.tell('acme', saying('bad'));
    refuse(await givenOf(KEY), 'bad');
    const second = feed.tell('acme', saying('bad', 'bad'));
    refuse(await givenOf('80|b.test'), 'bad');
    await vi.waitFor(() => expect(node().acked).toBe(second), 10_000);
    expect(rejections()).toEqual([
      rejection(first, 'bad'),
      { revision: second, resource: 'routes/b', message: 'cannot take bad' },
    ]);
  });

  it('does not belong to a good change of another host that came in between', async () => {
    const bad = feed.tell('acme', saying('one', 'bad'));
    const underWay = await givenOf('80|b.test');
    feed.tell('acme', saying('good', 'bad'));
    client.ask(TYPES.routes, { nonce: await givenOf(KEY) });
    const last = feed.tell('acme', saying('bad', 'bad'));
    refuse(await givenOf(KEY), 'bad');
    refuse(underWay, 'bad');
    await vi.waitFor(() => expect(node().acked).toBe(last), 10_000);
    expect(rejections().sort((one, other) => one.revision - other.revision)).toEqual([
      { revision: bad, resource: 'routes/b', message: 'cannot take bad' },
      rejection(last, 'bad'),
    ]);
  });
});

describe('a change that was overwritten before it was sent', () => {
  it('is reported as superseded, unless the version that was sent contains it', async () => {
    feed.tell('acme', saying('first'));
    const { nonce } = await given();
    const never = feed.tell('acme', saying('never'));
    feed.tell('acme', saying('never', 'other'));
    const last = feed.tell('acme', saying('last', 'other'));
    await heard();
    client.ask(TYPES.routes, { nonce });
    served = (await taken()).version;
    await live(last);
    const reported = feed.reports.flat().flatMap((each) => each.rejections);
    expect(new Set(reported.map(({ revision }) => revision))).toEqual(new Set([never]));
    expect(reported[0]).toMatchObject({
      resource: 'routes/a',
      message: `changed again by revision ${last} before it was sent to the proxy`,
      over: true,
      superseded: true,
    });
  });
});

describe('a version that a newer one followed before a probe saw it', () => {
  it('becomes live once the newer version is seen, and not before', async () => {
    const first = feed.tell('acme', saying('first'));
    await taken();
    const second = feed.tell('acme', saying('second'));
    const { nonce, version } = await given();
    await heard();
    expect(node()?.live ?? 0).toBeLessThan(first);
    client.ask(TYPES.routes, { nonce });
    served = version;
    await live(second);
    expect(rejections()).toEqual([]);
  });

  it('becomes live once it is seen itself, if the newer version is rejected', async () => {
    const first = feed.tell('acme', saying('first'));
    const { version } = await taken();
    const second = feed.tell('acme', saying('bad'));
    refuse((await given()).nonce, 'bad');
    await vi.waitFor(() => expect(node().acked).toBe(second), 10_000);
    expect(node().live).toBeLessThan(first);
    served = version;
    await live(second);
    expect(rejections()).toEqual([rejection(second, 'bad')]);
  });
});
