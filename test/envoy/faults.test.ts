/**
 * When one resource of a tenant cannot be applied, built or sent, every other tenant's changes still go live on the
 * same stream.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Catalog } from '../../dataplane/serve/state/catalog.ts';
import type { OwnedResource, XdsType } from '../../dataplane/serve/type.ts';
import { edge } from '../../dataplane/serve/views/edge.ts';
import { DeltaStream } from '../../dataplane/xds/stream.ts';
import type { ConfigurationDocument } from '../../model/configuration.ts';
import { Feed } from '../dataplane/feed.ts';
import { Authority, type Pair } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { http as onSocket } from '../e2e/unix.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

let feed: Feed;
let envoy: RunningEnvoy;
const startEnvoy = () => runBeside(feed.folder, 'edge');
let echo: Awaited<ReturnType<typeof startEcho>>;
let ports: { http: number; https: number };
const authority = await Authority.create();
const pairs: Record<string, Pair> = {};

/**
 * A tenant's whole configuration: a host on both ports whose responses identify the version, and a path to an upstream.
 */
function whole(tenant: string, says: string, more: { hosts?: string[]; pair?: Partial<Pair> } = {}) {
  const hosts = [`${tenant}.test`, ...(more.hosts ?? [])];
  const document: ConfigurationDocument = {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts },
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: [`${tenant}.test`],
            tls: { mode: 'SIMPLE', credentialName: 'own' },
          },
        ],
      },
    },
    upstreams: { app: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] } },
    routes: {
      app: {
        hosts,
        gateways: ['web'],
        http: [
          { match: [{ uri: { exact: '/echo' } }], route: [{ destination: { upstream: 'app' } }] },
          { directResponse: { status: 200, body: says } },
        ],
      },
    },
    certificates: { own: { certificateChain: more.pair?.certificateChain ?? pairs[tenant]!.certificateChain } },
  };
  return [document, { own: more.pair?.privateKey ?? pairs[tenant]!.privateKey }] as const;
}

beforeAll(async () => {
  echo = await startEcho();
  ports = { http: await freePort(), https: await freePort() };
  for (const tenant of ['bad', 'good']) pairs[tenant] = await authority.issue(`${tenant}.test`);
  feed = await Feed.start({
    name: 'edge',
    labels: { ingress: 'public' },
    address: '127.0.0.1',
    ports: [
      { number: 80, bind: ports.http, protocol: 'HTTP' },
      { number: 443, bind: ports.https, protocol: 'HTTPS' },
    ],
  });
  envoy = await startEnvoy();
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  echo?.server.close();
});

const says = async (tenant: string, path = '/') =>
  (await ask({ port: ports.http, path, headers: { host: `${tenant}.test` } })).body;
const echoes = async (tenant: string) =>
  (await ask({ port: ports.http, path: '/echo', headers: { host: `${tenant}.test` } })).status;
const securely = async (tenant: string) =>
  (
    await ask(
      { port: ports.https, servername: `${tenant}.test`, ca: authority.pem, headers: { host: `${tenant}.test` } },
      true,
    )
  ).body;
const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
const rejected = () => feed.nodes[0]!.rejections.filter(({ over }) => !over);
const metric = async (type: string) => {
  const { body } = await onSocket(join(feed.folder, 'health.sock'), '/metrics');
  return Number(new RegExp(`^gatehouse_agent_faults_total\\{type="${type}"\\} (\\d+)$`, 'm').exec(body)?.[1] ?? 0);
};
const connections = async () =>
  /cluster\.xds\.upstream_rq_total: (\d+)/.exec(
    (await envoy.admin('/stats?filter=cluster.xds.upstream_rq_total')).body,
  )?.[1];

let streams: string | undefined;
beforeEach(async () => {
  await live(feed.tell('good', ...whole('good', 'good')));
  await live(feed.tell('bad', ...whole('bad', 'before')));
  for (const tenant of ['good', 'bad']) await Promise.all([says(tenant, '/echo'), securely(tenant)]);
  streams = await connections();
});
afterEach(async () => {
  vi.restoreAllMocks();
  // All tests use one stream.
  expect(await connections()).toBe(streams);
});

type Id = 'routes' | 'cluster' | 'endpoints' | 'secret' | 'scope';

/** Changes how the agent builds resources of one type for the tenant `bad`. */
function intercept(id: Id, change: (made: () => OwnedResource | undefined) => OwnedResource | undefined): void {
  const original = Catalog.prototype.get;
  vi.spyOn(Catalog.prototype, 'get').mockImplementation(function (this: Catalog, type: XdsType, name: string) {
    const made = () => original.call(this, type, name) as OwnedResource | undefined;
    return type.id === id && name.includes('bad') ? change(made) : made();
  } as never);
}

/** Makes resources of the tenant `bad` fail, or all listeners. */
function injectInto(id: Id | 'listeners'): void {
  const fail = () => {
    throw new Error('injected');
  };
  if (id === 'listeners') vi.spyOn(edge, 'listeners').mockImplementation(fail);
  else intercept(id, fail);
}

/** Builds resources of the tenant `bad` with a body that is not bytes, which fails only when a response is encoded. */
function spoil(id: Id): void {
  intercept(id, (made) => {
    const found = made();
    return found && { ...found, resource: { ...found.resource, version: 'spoilt', body: {} as Buffer } };
  });
}

const otherUpstream = (document: ConfigurationDocument): ConfigurationDocument => ({
  ...document,
  upstreams: { app: { ...document.upstreams!.app!, connectTimeout: '3s' } },
});

describe('a fault', () => {
  it.each([
    { kind: 'routes', method: 'routes', type: 'RouteConfiguration' },
    { kind: 'a cluster', method: 'cluster', type: 'Cluster' },
    { kind: 'endpoints', method: 'endpoints', type: 'ClusterLoadAssignment' },
    { kind: 'a secret', method: 'secret', type: 'Secret' },
    { kind: 'a scope', method: 'scope', type: 'ScopedRouteConfiguration' },
  ] as const)(
    'in $kind affects only its tenant, is reported to the tenant, and ends with the next change',
    async ({ method, type }) => {
      const before = await metric(type);
      injectInto(method);
      const [document, keys] = whole('bad', 'after', {
        hosts: method === 'scope' ? [`new-${type}.bad.test`.toLowerCase()] : [],
      });
      feed.tell('bad', otherUpstream(document), keys);
      await live(feed.tell('good', ...whole('good', `good while ${type} fails`, { hosts: [`${method}.good.test`] })));
      expect(await says('good')).toBe(`good while ${type} fails`);
      expect(await says(`${method}.good`)).toBe(`good while ${type} fails`);
      await until('the rejection', () => rejected().length > 0);
      expect(new Set(rejected().map(({ tenant }) => tenant))).toEqual(new Set(['bad']));
      expect(rejected()[0]!.message).toContain('injected');
      expect(await metric(type)).toBeGreaterThan(before);
      if (method === 'routes') expect(await says('bad')).toBe('before');
      // Envoy has endpoints of the cluster already, so routes do not wait for others.
      expect(await securely('bad')).toBe(method === 'routes' ? 'before' : 'after');
      expect(await says('bad', '/echo')).not.toBe('');

      vi.restoreAllMocks();
      await live(feed.tell('bad', ...whole('bad', 'mended')));
      expect(await says('bad')).toBe('mended');
      await until('nothing to be rejected', () => rejected().length === 0);
    },
  );

  it.each(['routes', 'cluster', 'endpoints', 'secret', 'scope'] as const)(
    'in the bytes of a response (%s) affects only its tenant',
    async (method) => {
      spoil(method);
      const [document] = whole('bad', 'after', { hosts: method === 'scope' ? ['spoilt.bad.test'] : [] });
      const pair = method === 'secret' ? await authority.issue('bad.test') : pairs.bad!;
      document.certificates!.own!.certificateChain = pair.certificateChain;
      feed.tell('bad', otherUpstream(document), { own: pair.privateKey });
      await live(
        feed.tell('good', ...whole('good', `good beside ${method}`, { hosts: [`beside-${method}.good.test`] })),
      );
      expect(await says(`beside-${method}.good`)).toBe(`good beside ${method}`);
      await until('the rejection', () => rejected().length > 0);
      expect(new Set(rejected().map(({ tenant }) => tenant))).toEqual(new Set(['bad']));
      expect(await echoes('bad')).toBe(200);
      vi.restoreAllMocks();
      await live(feed.tell('bad', ...whole('bad', 'mended')));
      expect(await says('bad')).toBe('mended');
      await until('nothing to be rejected', () => rejected().length === 0);
    },
  );

  it.each(['cluster', 'endpoints'] as const)(
    'in the bytes of a response (%s of a new upstream) rejects the routes that use it, and Envoy keeps the old routes',
    async (method) => {
      spoil(method);
      const [document, keys] = whole('bad', 'after');
      const { app } = document.upstreams!;
      const routes = JSON.parse(JSON.stringify(document.routes).replace('"upstream":"app"', '"upstream":"fresh"'));
      const bad = feed.tell('bad', { ...document, upstreams: { fresh: app! }, routes }, keys);
      await live(feed.tell('good', ...whole('good', 'good beside', { hosts: [`new-${method}.good.test`] })));
      expect(await says(`new-${method}.good`)).toBe('good beside');
      await until('the rejection', () => rejected().some(({ resource }) => resource === 'routes/app'));
      expect(rejected().map(({ tenant, revision }) => [tenant, revision])).toContainEqual(['bad', bad]);
      expect([await says('bad'), await echoes('bad')]).toEqual(['before', 200]);

      vi.restoreAllMocks();
      await live(feed.tell('bad', { ...document, upstreams: { fresh: app! }, routes }, keys));
      await until('nothing to be rejected', () => rejected().length === 0);
      expect([await says('bad'), await echoes('bad')]).toEqual(['after', 200]);
    },
  );

  it('in the listeners does not change the open listeners', async () => {
    const before = await metric('Listener');
    injectInto('listeners');
    feed.describe({ address: '127.0.0.1', labels: { ingress: 'public', more: 'x' } });
    await live(feed.tell('good', ...whole('good', 'good while listeners fail')));
    expect(await says('good')).toBe('good while listeners fail');
    expect(await metric('Listener')).toBeGreaterThan(before);
  });

  it('while a response is written affects only the resources in the response', async () => {
    const send = DeltaStream.prototype.send;
    vi.spyOn(DeltaStream.prototype, 'send').mockImplementation(function (this: DeltaStream, type, resources, removed) {
      if (resources.some(({ name }) => name.includes('bad'))) throw new Error('injected');
      return send.call(this, type, resources, removed);
    });
    feed.tell('bad', ...whole('bad', 'after'));
    await live(feed.tell('good', ...whole('good', 'good meanwhile')));
    expect(await says('good')).toBe('good meanwhile');
    await until('the rejection', () => rejected().some(({ tenant }) => tenant === 'bad'));
    expect(await says('bad')).toBe('before');
  });
});

describe('an event', () => {
  it.each([
    { what: 'a spec of the wrong shape', tell: () => feed.tell('bad', { gateways: { web: {} } } as never) },
    { what: 'a key that is not text', tell: () => feed.tell('bad', whole('bad', 'after')[0], { own: 5 as never }) },
  ])('with $what affects no other tenant, and is reported to its tenant', async ({ tell }) => {
    const seq = tell();
    await live(feed.tell('good', ...whole('good', `good after ${seq}`)));
    expect(await says('good')).toBe(`good after ${seq}`);
    expect(await says('bad')).toBe('before');
    await until('the rejection', () => rejected().some(({ tenant, revision }) => tenant === 'bad' && revision === seq));
    await live(feed.tell('bad', ...whole('bad', 'mended')));
    expect(await says('bad')).toBe('mended');
    await until('nothing to be rejected', () => rejected().length === 0);
  });

  it('that cannot be read affects no tenant, and the agent requests a snapshot', async () => {
    const before = await metric('event');
    feed.say('{"type":"tenant","seq":');
    feed.say('{"type":"tenant","tenant":7}');
    await live(feed.tell('good', ...whole('good', 'good afterwards')));
    expect(await says('good')).toBe('good afterwards');
    await until('both to be counted', async () => (await metric('event')) >= before + 2);
    await until('a snapshot', () => feed.snapshots > 1);
  });
});

it('when a certificate cannot be read, Envoy keeps the old one, and handshakes of other hosts succeed', async () => {
  const broken = pairs.bad!.certificateChain.replace(/MII.{20}/, 'MIIx');
  feed.tell('bad', ...whole('bad', 'after', { pair: { certificateChain: broken } }));
  await live(feed.tell('good', ...whole('good', 'good meanwhile')));
  expect(await securely('good')).toBe('good meanwhile');
  expect(await securely('bad')).toBe('after');
  await until('the rejection', () => rejected().length > 0);
  expect(rejected()).toMatchObject([{ tenant: 'bad', resource: 'certificates/own' }]);
  expect(JSON.stringify(rejected())).not.toMatch(/BEGIN|PRIVATE/);
});
