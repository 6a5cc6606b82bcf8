/** Explanations of requests and connections that concern several tenants of one shared fleet. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authority } from '../../e2e/authority.ts';
import { type Harness, harness, SHARED_FLEET, upstream } from '../harness.ts';

let api: Harness;
const ask = async (tenant: string, body: object) => (await api.post(`/v1/tenants/${tenant}/explain`, body)).body;
const put = async (tenant: string, configuration: object) => {
  const { status, body } = await api.put(`/v1/tenants/${tenant}/configuration`, configuration);
  expect([status, body.violations]).toEqual([201, undefined]);
};
const saying = (body: string) => ({ directResponse: { status: 200, body } });
const server = (number: number, protocol: string, hosts: string[], more: object = {}) => ({
  port: { number, name: `p${number}-${protocol.toLowerCase()}`, protocol },
  hosts,
  ...more,
});
const through = (gateways: string[], hosts: string[], ...http: object[]) => ({ hosts, gateways, http });

beforeAll(async () => {
  api = await harness();
  const l4 = ['TCP', 'UDP'].map((protocol) => ({ number: 53, bind: 10053, protocol }));
  const ports = [...SHARED_FLEET.ports, ...l4, { number: 99, bind: 10099, protocol: 'UDP' }];
  expect((await api.post('/v1/fleets', { ...SHARED_FLEET, ports })).status).toBe(201);
  for (const name of ['platform', 'sales', 'music', 'child', 'stranger', 'empty'])
    expect((await api.post('/v1/tenants', { name })).status).toBe(201);
  const allowedRoutes = { tenants: 'all' };
  const tls = { mode: 'SIMPLE', credentialName: 'apps' };
  await put('platform', {
    gateways: {
      public: {
        selector: { ingress: 'public' },
        servers: [
          server(80, 'HTTP', ['*.apps.test'], { allowedRoutes }),
          server(443, 'HTTPS', ['*.apps.test'], { tls, allowedRoutes }),
          ...['TCP', 'UDP'].map((protocol) => server(53, protocol, ['*'])),
        ],
      },
    },
    certificates: { apps: await (await Authority.create()).issue('*.apps.test') },
    upstreams: { dns: upstream() },
    routes: {
      all: through(['public'], ['*.apps.test'], saying('fallback')),
      dns: {
        gateways: ['public'],
        tcp: [{ route: [{ destination: { upstream: 'dns' } }] }],
        udp: [{ route: [{ destination: { upstream: 'dns' } }] }],
      },
    },
  });
  const secret = { match: [{ headers: { 'x-secret': { exact: 'word' } } }], ...saying('secret') };
  await put('sales', { routes: { app: through(['platform/public'], ['shop.apps.test'], secret, saying('sales')) } });
  await put('child', {
    upstreams: { web: upstream() },
    routes: {
      cart: {
        parents: ['music/*'],
        http: [
          { match: [{ uri: { exact: '/cart/pay' } }], route: [{ destination: { upstream: 'web' } }] },
          { match: [{ headers: { 'x-a': { present: true } } }], ...saying('child') },
        ],
      },
    },
  });
  const delegating = { match: [{ uri: { pathPrefix: '/cart' } }], delegate: { route: 'child/cart' } };
  await put('music', {
    gateways: { web: { selector: { ingress: 'public' }, servers: [server(80, 'HTTP', ['music.test'])] } },
    routes: {
      app: through(['platform/public'], ['music.apps.test'], secret, delegating, saying('music')),
      own: through(['web'], ['music.test'], secret, delegating, saying('music')),
    },
  });
  await put('stranger', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [server(80, 'HTTP', ['stranger.test', 'idle.test']), server(99, 'UDP', ['*'])],
      },
    },
    routes: { app: through(['web'], ['stranger.test'], saying('stranger')) },
  });
});
afterAll(() => api?.close());

test('the owner of a shared gateway learns which tenant has attached a host, and nothing about its rules', async () => {
  for (const request of [{}, { scheme: 'https' }, { scheme: 'https', serverName: 'other.apps.test' }]) {
    const body = await ask('platform', { authority: 'Shop.apps.test:80', path: '/x', ...request });
    expect(body).toMatchObject({
      outcome: 'other-tenant',
      why: 'shop.apps.test is attached to a gateway of this tenant by the tenant sales, which serves the request',
      received: { path: '/x' },
      tried: [],
    });
    expect(JSON.stringify(body)).not.toMatch(/secret|app"|routes/);
  }
  expect(await ask('platform', { authority: 'other.apps.test' })).toMatchObject({ outcome: 'matched' });
});

test('a configuration in the body decides whether the host is still attached', async () => {
  const { body: current } = await api.get('/v1/tenants/platform/configuration');
  const { gateways, routes, upstreams } = current.configuration ?? current;
  const [http] = gateways.public.servers;
  const withdrawn = { ...http, allowedRoutes: { tenants: 'same' } };
  const configuration = {
    gateways: { public: { ...gateways.public, servers: [withdrawn, ...gateways.public.servers.slice(2)] } },
    ...{ routes, upstreams },
  };
  const explained = await ask('platform', { authority: 'shop.apps.test', configuration });
  expect(explained).toMatchObject({ outcome: 'matched', rule: { resource: 'routes/all' } });
});

test.each([
  ['a host of another attached tenant', 'sales', 'music.apps.test'],
  ['a host of the owner', 'sales', 'other.apps.test'],
  ['a host of a tenant that it has nothing to do with', 'sales', 'stranger.test'],
  ['the same, as a tenant without attached hosts', 'stranger', 'shop.apps.test'],
])('a tenant learns only that %s belongs to another one', async (_, tenant, authority) => {
  const body = await ask(tenant, { authority });
  expect(body).toMatchObject({ outcome: 'other-tenant', tried: [] });
  expect(body.why).toBe(`${authority} belongs to another tenant, which serves the request`);
  expect(await ask(tenant, { authority: 'nobody.test' })).toMatchObject({ outcome: 'not-found' });
});

test('the certificate of the owner decides about requests on connections of other hosts', async () => {
  const https = { authority: 'shop.apps.test', scheme: 'https' };
  for (const serverName of ['music.apps.test', 'other.apps.test', 'shop.apps.test'])
    expect(await ask('sales', { ...https, serverName })).toMatchObject({ outcome: 'matched' });
  expect(await ask('sales', { ...https, serverName: 'a.b.apps.test' })).toMatchObject({ outcome: 'matched' });
  expect(await ask('sales', { ...https, serverName: 'stranger.test' })).toMatchObject({ outcome: 'refused' });
});

test.each(['music.test', 'music.apps.test'])(
  'a tenant sees its own rules for requests that a rule of another tenant delegates to it: %s',
  async (authority) => {
    expect(await ask('child', { authority, path: '/cart/pay' })).toMatchObject({
      outcome: 'matched',
      rule: { resource: 'routes/cart', path: '/http/0/match/0', delegatedBy: [{ path: '/http/1/match/0' }] },
      forwarded: { destinations: [{ upstream: 'web', cluster: 'child/web', endpoints: 1 }] },
      tried: [],
    });
    expect(await ask('child', { authority, path: '/cart/other', headers: { 'x-a': '1' } })).toMatchObject({
      rule: { resource: 'routes/cart', path: '/http/1/match/0' },
      answer: { status: 200, body: 'child' },
      tried: [{ resource: 'routes/cart', path: '/http/0/match/0', field: '/uri' }],
    });
    const outside = await ask('child', { authority, path: '/other', headers: { 'x-a': '1' } });
    expect(outside).toMatchObject({
      outcome: 'other-tenant',
      why: `${authority} belongs to the tenant music, and none of its rules that delegate to routes of this tenant serves the request`,
      tried: [{ resource: 'routes/cart', field: '/uri' }, { field: '' }],
    });
    expect(JSON.stringify(outside)).not.toMatch(/secret|word/);
    const hidden = await ask('child', { authority, path: '/cart/pay', headers: { 'x-secret': 'word' } });
    expect(hidden.outcome).toBe('other-tenant');
  },
);

test('a port that is open for TCP and for UDP', async () => {
  expect(await ask('platform', { authority: 'x', port: 53 })).toMatchObject({
    violations: [{ pointer: '/transport', code: 'transport-required' }],
  });
  for (const transport of ['tcp', 'udp']) {
    expect(await ask('platform', { authority: 'x', port: 53, transport })).toMatchObject({
      outcome: 'forwarded',
      rule: { resource: 'routes/dns', path: `/${transport}/0`, rule: 0 },
      connection: { transport, destinations: [{ upstream: 'dns', percent: 100, endpoints: 1 }] },
    });
    // Its 409 port-taken says as much.
    expect(await ask('stranger', { authority: 'x', port: 53, transport })).toMatchObject({
      outcome: 'other-tenant',
      why: expect.stringContaining('it belongs to another tenant'),
    });
  }
  expect(await ask('stranger', { authority: 'x', port: 99 })).toMatchObject({ outcome: 'refused' });
  expect(await ask('platform', { authority: 'x', port: 99, transport: 'tcp' })).toMatchObject({
    outcome: 'refused',
    why: expect.stringMatching(/^the fleet public does not offer port 99 for TCP: it offers 80 .HTTP., .*, 99 .UDP./),
  });
  expect(await ask('platform', { authority: 'x', port: 443, transport: 'udp' })).toMatchObject({
    violations: [{ pointer: '/transport', code: 'not-explained' }],
  });
});

test('a tenant learns that a host belongs to another one also when no route serves it', async () => {
  const body = await ask('sales', { authority: 'idle.test' });
  const why =
    'idle.test belongs to another tenant, and no route of that tenant serves it on port 80 of the fleet public';
  expect(body).toMatchObject({ outcome: 'not-found', status: 404, why });
  const gateway = { selector: { ingress: 'public' }, servers: [server(80, 'HTTP', ['idle.test'])] };
  expect((await api.put('/v1/tenants/sales/gateways/idle', gateway)).body.code).toBe('host-taken');
  expect((await ask('stranger', { authority: 'idle.test' })).why).toMatch(/admitted, but no route/);
});
