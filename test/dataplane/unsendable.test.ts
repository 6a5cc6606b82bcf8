import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TypeUrl } from '../../dataplane/xds/resource.ts';
import { DeltaStream } from '../../dataplane/xds/stream.ts';
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

/** One host whose route sends requests to this upstream. */
const using = (upstream: string, connectTimeout = '1s', host = 'a.test'): ConfigurationDocument => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
    },
  },
  upstreams: { [upstream]: { port: 80, endpoints: [{ address: '127.0.0.1', port: 8080 }], connectTimeout } },
  routes: { a: { hosts: [host], gateways: ['web'], http: [{ route: [{ destination: { upstream } }] }] } },
});

let feed: Feed;
let client: DeltaClient;
let probe: Server;
/** The resources that the client got and accepted: `type name@version`, and `type -name` for a removal. */
let log: string[];
/** The version of the routes that it serves. */
let served: string;

beforeEach(async () => {
  feed = await Feed.start(fleet, { acme: using('app') }, { probeTimeout: 20_000 });
  probe = createServer((_, response) => response.writeHead(200).end(served));
  await new Promise<void>((resolve) => probe.listen(join(feed.folder, 'probe.sock'), resolve));
  await connect();
});
afterEach(async () => {
  vi.restoreAllMocks();
  client.close();
  probe.closeAllConnections();
  probe.close();
  await feed.stop();
});

const typeOf = (type: string) => type.split('.').at(-1);

/** A client that behaves as Envoy does: it accepts everything, and requests the endpoints of each cluster. */
async function connect(have: Record<string, string> = {}): Promise<void> {
  log = [];
  served = have[KEY] ?? '';
  client = new DeltaClient(feed.agent.xds, join(feed.folder, 'probe.sock'));
  client.ask(TYPES.scope);
  client.ask(TYPES.cluster);
  client.ask(TYPES.routes, { subscribe: [KEY], have });
  void run(client);
  if (!have[KEY]) await vi.waitFor(() => expect(served).not.toBe(''), 10_000);
}

async function run(on: DeltaClient): Promise<void> {
  const known = new Set<string>();
  for (;;) {
    const { typeUrl, nonce, resources, removedResources } = await on.next();
    for (const { name, version } of resources) {
      log.push(`${typeOf(typeUrl)} ${name}@${version}`);
      if (typeUrl === TYPES.routes && name === KEY) served = version;
    }
    for (const name of removedResources) log.push(`${typeOf(typeUrl)} -${name}`);
    on.ask(typeUrl, { nonce });
    if (typeUrl !== TYPES.cluster) continue;
    const added = resources.map(({ name }) => name).filter((name) => !known.has(name));
    for (const name of added) known.add(name);
    if (added.length > 0) on.ask(TYPES.endpoints, { subscribe: added });
    for (const name of removedResources) known.delete(name);
  }
}

/** Makes every response with this resource fail from now on. */
function spoil(type: TypeUrl, name: string): void {
  const send = DeltaStream.prototype.send;
  vi.spyOn(DeltaStream.prototype, 'send').mockImplementation(function (this: DeltaStream, of, resources, removed) {
    if (of === type && resources.some((resource) => resource.name === name)) throw new Error('injected');
    return send.call(this, of, resources, removed);
  });
}

const node = () => feed.nodes[0]!;
const live = (seq: number) => vi.waitFor(() => expect(node()?.live).toBeGreaterThanOrEqual(seq), 10_000);
const standing = () => node().rejections.filter(({ over }) => !over);
const sentRoutes = () => log.filter((line) => line.startsWith('RouteConfiguration'));

describe.each([
  { what: 'a new cluster', type: TYPES.cluster },
  { what: 'the endpoints of a new cluster', type: TYPES.endpoints },
])('when $what cannot be sent', ({ type }) => {
  it('the new routes that need it are rejected, Envoy keeps the old routes, and other tenants are not affected', async () => {
    const good = sentRoutes();
    spoil(type, 'acme/new');
    const bad = feed.tell('acme', using('new'));
    await live(feed.tell('other', using('app', '1s', 'b.test')));
    expect(standing()).toContainEqual(
      expect.objectContaining({ tenant: 'acme', revision: bad, message: expect.stringContaining('injected') }),
    );
    expect(standing().map(({ resource }) => resource)).toContain('routes/a');
    expect(new Set(standing().map(({ tenant, revision }) => `${tenant} ${revision}`))).toEqual(
      new Set([`acme ${bad}`]),
    );
    expect(sentRoutes()).toEqual(good);

    const again = feed.tell('acme', using('new', '2s'));
    await live(feed.tell('other', using('app', '2s', 'b.test')));
    expect(standing().map(({ revision }) => revision)).toContain(again);
    expect(sentRoutes()).toEqual(good);

    vi.restoreAllMocks();
    await live(feed.tell('acme', using('new', '3s')));
    expect(sentRoutes()).toHaveLength(good.length + 1);
    await vi.waitFor(() => expect(node().rejections).toEqual([]), 10_000);
  });

  it('a client keeps the routes that it held when it connected', async () => {
    const held = served;
    const reports = feed.reports.length;
    client.close();
    // One report contains the departure, and another may follow it at once.
    const departed = () => feed.reports.slice(reports).flat();
    await vi.waitFor(() => expect(departed()).toContainEqual(expect.objectContaining({ connected: false })), 10_000);
    spoil(type, 'acme/new');
    const bad = feed.tell('acme', using('new'));
    await connect({ [KEY]: held });
    await live(feed.tell('other', using('app', '1s', 'b.test')));
    await vi.waitFor(() => expect(standing().map(({ revision }) => revision)).toContain(bad), 10_000);
    expect(sentRoutes()).toEqual([]);
  });

  it('a host without earlier routes gets the current routes, so that its other paths work', async () => {
    spoil(type, 'late/new');
    feed.tell('late', using('new', '1s', 'late.test'));
    client.ask(TYPES.routes, { subscribe: ['80|late.test'] });
    await vi.waitFor(
      () => expect(log.some((line) => line.startsWith('RouteConfiguration 80|late.test@'))).toBe(true),
      10_000,
    );
    await vi.waitFor(() => expect(standing().map(({ tenant }) => tenant)).toContain('late'), 10_000);
  });
});

it('a changed cluster whose endpoints cannot be sent keeps the endpoints that were accepted last', async () => {
  const endpoints = () => log.filter((line) => line.startsWith('ClusterLoadAssignment'));
  await vi.waitFor(() => expect(endpoints()).toHaveLength(1), 10_000);
  const [accepted] = endpoints();
  const send = DeltaStream.prototype.send;
  const version = accepted!.split('@')[1];
  vi.spyOn(DeltaStream.prototype, 'send').mockImplementation(function (this: DeltaStream, of, resources, removed) {
    if (of === TYPES.endpoints && resources.some((one) => one.version !== version)) throw new Error('injected');
    return send.call(this, of, resources, removed);
  });
  const changed = using('app', '2s');
  changed.upstreams!.app!.endpoints = [{ address: '127.0.0.1', port: 8081 }];
  const bad = feed.tell('acme', changed);
  await live(feed.tell('other', using('app', '1s', 'b.test')));
  expect(endpoints()).toEqual([accepted, accepted]);
  expect(standing()).toMatchObject([{ tenant: 'acme', revision: bad, message: expect.stringContaining('injected') }]);
  vi.restoreAllMocks();
  changed.upstreams!.app!.connectTimeout = '3s';
  await live(feed.tell('acme', changed));
  expect(endpoints()).toHaveLength(3);
  expect(endpoints().at(-1)).not.toBe(accepted);
  await vi.waitFor(() => expect(node().rejections).toEqual([]), 10_000);
});
