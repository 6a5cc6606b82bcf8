/** Routes that are bound to the mesh, through sidecars of two tenants and a proxyless gRPC client. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { upstream } from './configuration.ts';
import { http } from './edge.ts';
import { Endpoints } from './examples/endpoints.ts';
import { runExample } from './examples/run.ts';
import { until } from './process.ts';
import { type Sidecar, startSidecar } from './sidecar.ts';
import { Stack } from './stack.ts';
import { textMethod } from './text-method.ts';

let stack: Stack;
let backend: Backend;
const sidecars: Sidecar[] = [];
let acme: Sidecar;
let rival: Sidecar;

beforeAll(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  for (const name of ['acme', 'rival', 'lonely']) await stack.createTenant(name);
  [acme, rival] = await Promise.all([
    startSidecar(stack, 'acme', { denyDestinations: [] }),
    startSidecar(stack, 'rival', {}),
  ]);
  sidecars.push(acme, rival);
});
afterAll(async () => {
  for (const { agent, envoy } of sidecars) {
    await envoy.stop();
    await agent.stop();
  }
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const through = ({ outbound }: Sidecar, host: string, path = '/') => http({ port: outbound, host, path });
const atEdge = (host: string) => http({ port: stack.httpPort, host });
const saying = (host: string, body: string, more: object = {}) => ({
  hosts: [host],
  http: [{ directResponse: { status: 200, body } }],
  ...more,
});
const put = (tenant: string, path: string, body: unknown) =>
  stack.call(`/tenants/${tenant}/${path}`, { method: 'PUT', body });
const status = async (tenant: string) => {
  const { revision } = (await stack.call(`/tenants/${tenant}`)).body;
  return (await stack.call(`/tenants/${tenant}/revisions/${revision}/status`)).body;
};
const explain = async (tenant: string, body: object) =>
  (await stack.call(`/tenants/${tenant}/explain`, { method: 'POST', body })).body;
const web = (host: string) => ({
  selector: { ingress: 'public' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
});

describe('a route that is bound to the mesh', () => {
  it('is served by the sidecars of its tenant, cold and warm, and by no edge', async () => {
    await stack.publish('acme', 'configuration', {
      upstreams: { app: upstream(backend) },
      routes: { app: { hosts: ['app.local'], http: [{ route: [{ destination: { upstream: 'app' } }] }] } },
    });
    expect(JSON.parse((await through(acme, 'app.local')).body).name).toBe('app');
    expect((await stack.call('/tenants/acme/routes/app')).body.spec.gateways).toEqual(['mesh']);
    await stack.publish('acme', 'routes/app', saying('app.local', 'warm'));
    expect((await through(acme, 'app.local')).body).toBe('warm');
    // As a client of a proxy writes its request.
    expect((await through(acme, 'other.local', 'http://app.local/x')).body).toBe('warm');
    expect((await through(acme, 'other.local')).status).toBe(404);
    expect((await atEdge('app.local')).status).toBe(404);
    expect(await status('acme')).toMatchObject({
      state: 'live',
      fleets: [{ fleet: 'acme-mesh', nodes: [{ node: 'acme-1' }] }],
      routes: [{ name: 'app', mesh: { fleets: ['acme-mesh'] }, hosts: [{ host: 'app.local', bound: [] }] }],
    });
    expect((await status('acme')).routes[0].hosts[0].reason).toBeUndefined();

    await stack.publish('acme', 'routes/app', undefined, 'DELETE');
    expect((await through(acme, 'app.local')).status).toBe(404);
  });

  it('is served as examples/mesh.yaml says', async () => {
    const endpoints = await Endpoints.start();
    await runExample('mesh.yaml', 'acme', {
      ...{ stack, endpoints, sidecar: acme.outbound },
      binds: new Map([[80, stack.httpPort]]),
    });
    endpoints.stop();
  });

  it('never meets the routes of another tenant, although both have the same host', async () => {
    await stack.publish('acme', 'configuration', { routes: { app: saying('same.local', 'acme') } });
    await stack.publish('rival', 'configuration', {
      routes: { app: saying('same.local', 'rival'), own: saying('own.local', 'rival') },
    });
    expect((await through(acme, 'same.local')).body).toBe('acme');
    expect((await through(rival, 'same.local')).body).toBe('rival');
    expect((await through(acme, 'own.local')).status).toBe(404);
    expect((await through(rival, 'own.local')).status).toBe(200);
  });

  it('may name gateways too, and conditions choose between them', async () => {
    const rule = (gateways: string[], body: string) => ({
      match: [{ gateways }],
      directResponse: { status: 200, body },
    });
    await stack.publish('acme', 'configuration', {
      gateways: { web: web('both.test') },
      routes: {
        both: {
          hosts: ['both.test'],
          gateways: ['web:http', 'mesh'],
          http: [rule(['mesh'], 'inside'), rule(['web'], 'outside')].map((each, index) =>
            index === 0 ? each : { ...each, match: [{ gateways: ['web:http'] }] },
          ),
        },
        inside: saying('inside.test', 'inside'),
      },
    });
    expect((await through(acme, 'both.test')).body).toBe('inside');
    expect((await atEdge('both.test')).body).toBe('outside');
    expect((await atEdge('inside.test')).status).toBe(404);
    const inMesh = await explain('acme', { authority: 'both.test', gateway: 'mesh' });
    expect(inMesh).toMatchObject({
      fleet: 'acme-mesh',
      outcome: 'matched',
      gateway: { resource: 'mesh' },
      rule: { rule: 0 },
      answer: { body: 'inside' },
    });
    expect(await explain('acme', { authority: 'both.test' })).toMatchObject({
      fleet: 'edge',
      rule: { rule: 1 },
      answer: { body: 'outside' },
    });
    expect(await explain('acme', { authority: 'none.test', gateway: 'mesh' })).toMatchObject({
      outcome: 'not-found',
      why: 'no route that is bound to mesh has the host none.test',
    });
    expect((await through(acme, 'none.test')).status).toBe(404);
    expect(await explain('acme', { authority: 'both.test', gateway: 'mesh', fleet: 'edge' })).toMatchObject({
      outcome: 'not-found',
      why: 'the fleet edge serves no mesh of this tenant: only a fleet of this tenant alone does',
    });
    // The difference between two revisions contains the requests of the mesh.
    await stack.publish('acme', 'routes/inside', saying('inside.test', 'changed'));
    const { revision } = (await stack.call('/tenants/acme')).body;
    const { requests } = (await stack.call(`/tenants/acme/revisions/${revision}/diff`)).body;
    expect(requests).toMatchObject([
      { fleet: 'acme-mesh', host: 'inside.test', after: { answer: { body: 'changed' } } },
    ]);
    expect(await explain('acme', requests[0].witness)).toMatchObject({ answer: { body: 'changed' } });
  });

  it('may delegate to a route of its tenant, but gets nothing of another tenant', async () => {
    const hand = (pathPrefix: string, route: string) => ({ match: [{ uri: { pathPrefix } }], delegate: { route } });
    const child = (parent: string, body: string) => ({
      parents: [parent],
      http: [{ directResponse: { status: 200, body } }],
    });
    await put('rival', 'configuration', { routes: { child: child('acme/*', 'of another tenant') } });
    await stack.publish('acme', 'configuration', {
      routes: {
        own: child('shop', 'delegated'),
        shop: {
          hosts: ['shop.local'],
          http: [hand('/own', 'own'), hand('/other', 'rival/child'), { directResponse: { status: 200, body: 'shop' } }],
        },
      },
    });
    const said = async (path: string) => (await through(acme, 'shop.local', path)).body;
    expect([await said('/own'), await said('/'), await said('/other')]).toEqual(['delegated', 'shop', 'shop']);
    const reasons = [
      'only shared fleets serve a route of another tenant, and none serves the route that delegates to it',
    ];
    const [, shop] = (await status('acme')).routes;
    expect(shop.delegates).toMatchObject([{ conditions: 1 }, { route: 'rival/child', conditions: 0, reasons }]);
    expect((await status('rival')).routes[0].parents).toMatchObject([{ conditions: 0, reasons }]);
    expect(await explain('acme', { authority: 'shop.local', path: '/other', gateway: 'mesh' })).toMatchObject({
      rule: { resource: 'routes/shop', path: '/http/2' },
    });
    await stack.publish('acme', 'routes/own', child('shop', 'warm'));
    expect(await said('/own')).toBe('warm');
  });

  it('that Envoy rejects leaves the other routes of the mesh live, and the status names it', async () => {
    const regex = '(abc|def){40}';
    const bad = { hosts: ['bad.local'], http: [{ match: [{ uri: { regex } }], directResponse: { status: 200 } }] };
    await stack.publish('acme', 'configuration', {
      routes: { good: saying('good.local', 'one'), bad: saying('bad.local', 'kept') },
    });
    const bodies = async () => [(await through(acme, 'good.local')).body, (await through(acme, 'bad.local')).body];
    expect(await bodies()).toEqual(['one', 'kept']);
    const wait = { method: 'PUT', headers: { prefer: 'wait=20' } };
    const reply = await stack.call('/tenants/acme/routes/bad', { ...wait, body: bad });
    expect([reply.status, reply.headers.get('gatehouse-status')]).toEqual([202, 'rejected']);
    const { fleets } = await status('acme');
    expect(fleets[0].nodes[0].rejections).toMatchObject([
      { resource: 'routes/bad', path: '/http/0/match/0/uri/regex' },
    ]);
    await stack.publish('acme', 'routes/good', saying('good.local', 'two'));
    expect(await bodies()).toEqual(['two', 'kept']);
    await stack.publish('acme', 'routes/bad', saying('bad.local', 'mended'));
    expect(await bodies()).toEqual(['two', 'mended']);
  });

  it('reaches no destination that the fleet of the sidecar denies', async () => {
    await put('rival', 'configuration', {});
    expect((await put('rival', 'upstreams/app', upstream(backend))).status).toBe(201);
    const route = { hosts: ['denied.local'], http: [{ route: [{ destination: { upstream: 'app' } }] }] };
    expect((await put('rival', 'routes/app', route)).status).toBe(201);
    await until('the route', async () => (await through(rival, 'denied.local')).status === 503);
    expect((await status('rival')).upstreams).toMatchObject([{ name: 'app', unserved: [{ fleet: 'rival-mesh' }] }]);
    const { status: code, body } = await put('rival', 'upstreams/other', upstream(backend));
    expect([code, body.violations?.[0].code]).toEqual([422, 'destination-denied']);
  });

  it('is not served for a tenant without a fleet of its own, and the status says so', async () => {
    const { status: code, body } = await put('lonely', 'routes/app', saying('app.local', 'lonely'));
    expect([code, body.violations]).toEqual([201, undefined]);
    const reason =
      'no fleet belongs to this tenant alone, and only such a fleet serves `mesh`: for other clients, name a gateway in `gateways` of the route';
    expect(await status('lonely')).toMatchObject({ state: 'unserved', routes: [{ mesh: { fleets: [], reason } }] });
    expect((await explain('lonely', { authority: 'app.local', gateway: 'mesh' })).outcome).toBe('refused');
    // The edge has the whole configuration of this tenant, and serves none of its mesh.
    await put('lonely', 'gateways/web', web('lonely.test'));
    await stack.publish('lonely', 'routes/web', saying('lonely.test', 'web', { gateways: ['web'] }));
    expect((await atEdge('lonely.test')).body).toBe('web');
    expect((await atEdge('app.local')).status).toBe(404);
  });

  it('is checked: no host is `*`, no gateway is named `mesh`, and there must be rules for HTTP', async () => {
    const problems = async (path: string, body: object) =>
      ((await put('lonely', path, body)).body.violations ?? []).map((each: { path: string; code: string }) => [
        each.path,
        each.code,
      ]);
    expect(await problems('routes/bad', saying('*', 'x'))).toEqual([['/hosts/0', 'wildcard-in-mesh']]);
    expect(await problems('routes/bad', saying('*', 'x', { gateways: ['web', 'mesh'] }))).toContainEqual([
      '/hosts/0',
      'wildcard-in-mesh',
    ]);
    expect(await problems('routes/bad', saying('a.local', 'x', { gateways: ['mesh:http'] }))).toContainEqual([
      '/gateways/0',
      'unknown-port-name',
    ]);
    expect(await problems('gateways/mesh', web('mesh.test'))).toEqual([['', 'reserved-name']]);
    expect(await problems('routes/bad', { tcp: [{ route: [{ destination: { upstream: 'x' } }] }] })).toContainEqual([
      '/gateways',
      'required',
    ]);
  });
});

describe('a proxyless gRPC client', () => {
  const ECHO = {
    Say: textMethod('/test.Echo/Say'),
  } satisfies ServiceDefinition;
  const servers: Server[] = [];
  const serveEcho = (name: string): Promise<number> => {
    const server = new Server();
    server.addService(ECHO, {
      Say: (call: { request: string }, done: (error: null, text: string) => void) =>
        done(null, `${name}: ${call.request}`),
    });
    servers.push(server);
    return new Promise((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
  };
  afterAll(() => {
    for (const server of servers) server.forceShutdown();
  });

  it('gets the routes of the mesh by name, and follows their changes', async () => {
    const [first, second] = [await serveEcho('first'), await serveEcho('second')];
    const to = (port: number) => ({ port: 9000, protocol: 'HTTP2', endpoints: [{ address: '127.0.0.1', port }] });
    const route = (name: string) => ({
      hosts: ['echo.local'],
      http: [{ route: [{ destination: { upstream: name } }] }],
    });
    await stack.publish('acme', 'configuration', {
      upstreams: { first: to(first), second: to(second) },
      routes: { echo: route('first') },
    });
    const file = join(stack.folder, 'grpc-xds.json');
    const server = {
      server_uri: `127.0.0.1:${acme.xds}`,
      channel_creds: [{ type: 'insecure' }],
      server_features: ['xds_v3'],
    };
    writeFileSync(file, JSON.stringify({ xds_servers: [server], node: { id: 'grpc-1', locality: {} } }));
    process.env.GRPC_XDS_BOOTSTRAP = file;
    const { register } = await import('@grpc/grpc-js-xds');
    register();
    const Echo = makeGenericClientConstructor(ECHO, 'Echo');
    const client = new Echo('xds:///echo.local', credentials.createInsecure());
    const say = (text: string) =>
      new Promise<string>((resolve, reject) => {
        // biome-ignore lint/complexity/useLiteralKeys: the method exists by the definition above
        client['Say']!(text, { deadline: Date.now() + 10_000 }, (error: Error | null, answer: string) =>
          error ? reject(error) : resolve(answer),
        );
      });
    expect(await say('hello')).toBe('first: hello');
    expect((await put('acme', 'routes/echo', route('second'))).status).toBe(200);
    await until('the change', async () => (await say('hello')) === 'second: hello');
    client.close();
  });
});
