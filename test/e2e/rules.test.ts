import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { NameServer } from './dns.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { freePort, Stack } from './stack.ts';

let stack: Stack;
let names: NameServer;
/** Listens on every loopback address, so it also counts requests sent to a denied one. */
let app: Backend;
let grpc: Http2Server;
let grpcRequests = 0;

const NAMES = {
  changing: 'changing.dns.test',
  several: 'several.dns.test',
  mapped: 'mapped.dns.test',
  http2: 'http2.dns.test',
  gone: 'gone.dns.test',
  lastgood: 'last-good.dns.test',
  denied: 'denied.dns.test',
  local: 'localhost',
};
const DENIED = '127.9.0.0/16';

const server = (hosts: string[], port = 80) => ({
  port: { number: port, name: `http-${port}`, protocol: 'HTTP' },
  hosts,
});
const to = (host: string, upstream: string) => ({
  hosts: [host],
  gateways: ['web'],
  http: [{ route: [{ destination: { upstream } }] }],
});
const at = (upstream: string) => ({ destination: { upstream } });
const endpoint = (address: string, port = app.port) => ({ port: 9080, endpoints: [{ address, port }] });
const hostOf = (name: string) => `${name}.example.com`;
const ask = async (name: string) => (await http({ port: stack.httpPort, host: hostOf(name) })).status;
const answers = (name: string, status: number) =>
  until(`${name} to answer ${status}`, async () => (await ask(name)) === status);

function patchFleet(body: object, query = '') {
  return stack.call(`/fleets/edge${query}`, { method: 'PATCH', body, headers: { prefer: 'wait=20' } });
}

beforeAll(async () => {
  names = await NameServer.start();
  app = await Backend.start('app', '0.0.0.0');
  grpc = createServer((_request, response) => {
    grpcRequests++;
    response.end('two');
  });
  await new Promise<void>((resolve) => grpc.listen(0, '0.0.0.0', resolve));
  for (const name of Object.values(NAMES)) names.set(name, '127.0.0.1');
  stack = await Stack.start({ ...names.resolver, adapt: (config) => names.resolving(config) });
  expect((await patchFleet({ denyDestinations: [DENIED] })).status).toBe(200);
  await stack.createTenant('acme');
  const all = [...Object.keys(NAMES), 'static'];
  await stack.publish('acme', 'configuration', {
    gateways: { web: { selector: { ingress: 'public' }, servers: [server([...all, 'copied'].map(hostOf))] } },
    upstreams: {
      ...Object.fromEntries(Object.entries(NAMES).map(([upstream, address]) => [upstream, endpoint(address)])),
      http2: { ...endpoint(NAMES.http2, (grpc.address() as AddressInfo).port), protocol: 'HTTP2' },
      lastgood: { ...endpoint(NAMES.lastgood), dns: 'logical' },
      denied: { ...endpoint(NAMES.denied), dns: 'logical' },
      static: endpoint('127.0.0.1'),
    },
    routes: {
      ...Object.fromEntries(all.map((name) => [name, to(hostOf(name), name)])),
      copied: {
        ...to(hostOf('copied'), 'static'),
        http: [{ route: [at('static')], mirrors: [at('changing')] }],
      },
    },
  });
});
afterAll(async () => {
  await stack?.stop();
  await app.stop();
  grpc.close();
  await names.stop();
});

describe('a name that resolves to a denied address', () => {
  beforeAll(async () => {
    for (const name of Object.keys(NAMES)) await answers(name, 200);
    const { requests } = app;
    expect(await ask('copied')).toBe(200);
    await until('the request and its copy', () => app.requests === requests + 2);
    // All at once: each is resolved every two seconds, or five by Envoy.
    names.set(NAMES.changing, '127.9.0.1');
    names.set(NAMES.several, '127.0.0.1', '127.9.0.1');
    names.set(NAMES.mapped, '::ffff:127.9.0.1');
    names.set(NAMES.http2, '127.9.0.1');
    names.set(NAMES.gone);
    names.set(NAMES.lastgood);
    names.set(NAMES.denied, '127.9.0.1');
  });

  it('gets 503 while it resolves to the denied address, and is served before and after', async () => {
    await answers('changing', 503);
    const { requests } = app;
    for (let n = 0; n < 10; n++) expect(await ask('changing')).toBe(503);
    expect(app.requests).toBe(requests);
    // Nor do copies of requests.
    for (let n = 1; n <= 5; n++) expect([await ask('copied'), app.requests]).toEqual([200, requests + n]);
    names.set(NAMES.changing, '127.0.0.2');
    await answers('changing', 200);
  });

  it('and to other addresses: only the others get requests', async () => {
    await until('the addresses to be known', () => names.asked(NAMES.several) > 2);
    const before = app.requests;
    for (let n = 0; n < 20; n++) expect(await ask('several')).toBe(200);
    expect(app.requests - before).toBe(20);
  });

  it('in the form of an IPv6 address that leads to it gets 503', async () => {
    await answers('mapped', 503);
    const { requests } = app;
    for (let n = 0; n < 5; n++) expect(await ask('mapped')).toBe(503);
    expect(app.requests).toBe(requests);
  });

  it('gets 503 with HTTP/2 upstreams too', async () => {
    await answers('http2', 503);
    const before = grpcRequests;
    expect(await ask('http2')).toBe(503);
    expect(grpcRequests).toBe(before);
  });

  it('gets 403 with `dns: logical`', async () => {
    await answers('denied', 403);
    const { requests } = app;
    expect(await ask('denied')).toBe(403);
    expect(app.requests).toBe(requests);
  });

  it('case: DNS answers, and then returns NXDOMAIN: the last good endpoints stay in use', async () => {
    await until('the answer that the name does not exist', () => names.missed(NAMES.gone) >= 1);
    // Envoy asks for the A and the AAAA records.
    await until('answers that the other does not exist', () => names.missed(NAMES.lastgood) >= 4);
    for (let n = 0; n < 10; n++) expect([await ask('gone'), await ask('lastgood')]).toEqual([200, 200]);
  });
});

describe('a fleet that changes', () => {
  it('sends no requests to newly denied addresses after a forced change, and sends requests again afterwards', async () => {
    await answers('local', 200);
    expect(await ask('static')).toBe(200);
    const loopback = ['127.0.0.0/8', '::1/128'];
    const refused = await patchFleet({ denyDestinations: loopback });
    expect([refused.status, refused.body.code]).toEqual([409, 'fleet-in-use']);
    expect(await ask('static')).toBe(200);
    const forced = await patchFleet({ denyDestinations: loopback }, '?force=true');
    expect([forced.status, forced.headers.get('gatehouse-status')]).toEqual([200, 'live']);
    expect(forced.body.stopped).toMatchObject([
      { tenant: 'acme', resource: 'upstreams/static', path: '/endpoints/0/address' },
    ]);
    // Applies as soon as the response arrives, without a wait.
    const { requests } = app;
    expect([await ask('static'), await ask('local'), await ask('several')]).toEqual([503, 503, 503]);
    expect(app.requests).toBe(requests);
    // The tenant can still publish unrelated changes.
    await stack.publish('acme', 'routes/more', {
      ...to(hostOf('static'), 'static'),
      http: [{ match: [{ uri: { exact: '/ok' } }], directResponse: { status: 200 } }],
    });
    expect((await patchFleet({ denyDestinations: [DENIED] })).status).toBe(200);
    await answers('static', 200);
    await answers('local', 200);
  });

  it('closes a removed port and opens it again, and each response waits until that is done', async () => {
    const { ports } = (await stack.call('/fleets/edge')).body;
    const bind = await freePort();
    const more = { ports: [...ports, { number: 81, bind, protocol: 'HTTP' }] };
    expect((await patchFleet(more)).headers.get('gatehouse-status')).toBe('live');
    const selector = { ingress: 'public' };
    await stack.publish('acme', 'gateways/alt', { selector, servers: [server([hostOf('alt')], 81)] });
    await stack.publish('acme', 'routes/alt', { ...to(hostOf('alt'), 'static'), gateways: ['alt'] });
    const asked = () =>
      http({ port: bind, host: hostOf('alt') }).then(
        ({ status }) => status,
        (error) => error.code,
      );
    expect(await asked()).toBe(200);
    expect((await patchFleet({ ports })).body.violations).toMatchObject([{ tenant: 'acme', resource: 'gateways/alt' }]);
    expect((await patchFleet({ ports }, '?force=true')).headers.get('gatehouse-status')).toBe('live');
    await until('the port to be closed', async () => (await asked()) === 'ECONNREFUSED');
    const [{ number: revision }] = (await stack.call('/tenants/acme/revisions?limit=1')).body.items;
    const { gateways, routes } = (await stack.call(`/tenants/acme/revisions/${revision}/status`)).body;
    const reason = 'the fleet edge does not offer port 81 for HTTP';
    expect(gateways.find(({ name }: { name: string }) => name === 'alt')).toEqual({ name: 'alt', fleets: [], reason });
    expect(routes.find(({ name }: { name: string }) => name === 'alt').hosts).toEqual([
      { host: hostOf('alt'), bound: [], reason },
    ]);
    expect((await patchFleet(more)).headers.get('gatehouse-status')).toBe('live');
    expect(await asked()).toBe(200);
  });

  it('moves its listeners to another address and other ports', async () => {
    const { ports } = (await stack.call('/fleets/edge')).body;
    const bind = await freePort();
    const moved = [{ ...ports[0], bind }, ...ports.slice(1)];
    expect((await patchFleet({ address: '127.0.0.3', ports: moved })).headers.get('gatehouse-status')).toBe('live');
    const asked = (port: number, address: string) =>
      fetch(`http://${address}:${port}/`).then(
        ({ status }) => status,
        () => 'refused',
      );
    expect(await asked(bind, '127.0.0.3')).toBe(404);
    await until('the old listener to be gone', async () => (await asked(stack.httpPort, '127.0.0.1')) === 'refused');
    expect((await patchFleet({ address: '127.0.0.1', ports })).headers.get('gatehouse-status')).toBe('live');
    expect(await ask('static')).toBe(200);
  });

  it('does not serve hosts that no tenant may claim when it gets the label for which a gateway waited', async () => {
    await stack.createTenant('greedy');
    // No fleet serves it yet, so there is nothing to wait for.
    const body = {
      gateways: {
        web: { selector: { ingress: 'later' }, servers: [server(['*', '*.example', 'own.greedy.example'])] },
      },
      routes: { all: { hosts: ['*'], gateways: ['web'], http: [{ directResponse: { status: 200, body: 'mine' } }] } },
    };
    expect((await stack.call('/tenants/greedy/configuration', { method: 'PUT', body })).status).toBe(201);
    const { labels } = (await stack.call('/fleets/edge')).body;
    const both = { ...labels, ingress: 'later' };
    expect((await patchFleet({ labels: both })).body.violations.map(({ code }: { code: string }) => code)).toContain(
      'wildcard-on-shared-fleet',
    );
    const forced = await patchFleet({ labels: both }, '?force=true');
    expect([forced.status, forced.headers.get('gatehouse-status')]).toEqual([200, 'live']);
    const statusOf = async (host: string) => (await http({ port: stack.httpPort, host })).status;
    await until('its own host', async () => (await statusOf('own.greedy.example')) === 200);
    expect([await statusOf('other.example'), await statusOf('example.net')]).toEqual([404, 404]);
    expect((await patchFleet({ labels }, '?force=true')).status).toBe(200);
    await answers('static', 200);
    expect(await statusOf('own.greedy.example')).toBe(404);
  });
});

describe('an agent whose replica is from before a change of the rules', () => {
  const static_ = "tenant = 'acme' AND kind = 'upstream' AND name = 'static'";

  async function restartedWith(sql: string, ...values: unknown[]) {
    await stack.agent.stop();
    const db = new Database(stack.replica);
    expect(db.prepare(sql).run(...values).changes).toBe(1);
    db.close();
    await stack.startAgent();
  }

  it('sends no requests to a denied address in its replica', async () => {
    await answers('static', 200);
    await restartedWith(`UPDATE resource SET spec = ? WHERE ${static_}`, JSON.stringify(endpoint('127.9.0.1')));
    await answers('static', 503);
    const { requests } = app;
    expect(await ask('static')).toBe(503);
    expect(app.requests).toBe(requests);
  });

  it('applies the rules to all tenants if its replica has no rules', async () => {
    await restartedWith("UPDATE meta SET value = json_remove(value, '$.denyDestinations') WHERE key = 'fleet'");
    // The requested snapshot contains the API's current state.
    await answers('static', 200);
  });
});
