/** The explanation of a request over the API: under the head, a revision, and a configuration in the body. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authority } from '../../e2e/authority.ts';
import {
  gateway,
  type Harness,
  harness,
  route,
  SHARED_FLEET,
  tenantWithRoute,
  tokenFor,
  upstream,
} from '../harness.ts';

let api: Harness;
const PATH = '/v1/tenants/acme/explain';
const ask = (body: object) => api.post(PATH, body);
const rule = (path: string, target = 'web') => ({
  name: 'shop',
  match: [{ uri: { pathPrefix: path } }],
  rewrite: { uri: '/v2' },
  headers: { request: { set: { 'x-team': 'shop' } }, response: { add: { 'x-served': 'yes' } } },
  route: [
    { destination: { upstream: target }, weight: 95 },
    { destination: { upstream: target, subset: 'canary' }, weight: 5 },
  ],
});
const WEB = {
  port: 9080,
  endpoints: [{ address: '10.0.0.1' }, { address: '10.0.0.2', labels: { version: '2' } }],
  subsets: [{ name: 'canary', labels: { version: '2' } }],
};
const document = (path: string) => ({
  gateways: { edge: gateway('acme.example.com', '*.acme.example.com') },
  upstreams: { web: WEB },
  routes: { web: { hosts: ['acme.example.com'], gateways: ['edge'], http: [rule(path)] } },
});

beforeAll(async () => {
  // By default, the limits on the cost of patterns reject the most hostile ones. A stored configuration may have them.
  api = await harness({ GATEHOUSE_PATTERN_TIME: '100000', GATEHOUSE_PATTERN_MEMORY: '1000' });
  expect((await api.post('/v1/fleets', SHARED_FLEET)).status).toBe(201);
  await tenantWithRoute(api, 'acme');
  expect((await api.put('/v1/tenants/acme/configuration', document('/shop'))).status).toBe(201);
});
afterAll(() => api?.close());

test('the rule, the gateway, and what becomes of the request', async () => {
  const { status, body } = await ask({
    authority: 'ACME.example.com:80',
    path: '/a/../shop//7?x=1',
    headers: { 'X-A': ['1', '2'], bad_name: 'x' },
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    revision: 2,
    fleet: 'public',
    outcome: 'matched',
    host: 'acme.example.com',
    gateway: { resource: 'gateways/edge', server: 0, path: '/servers/0/hosts/0', host: 'acme.example.com' },
    rule: { resource: 'routes/web', path: '/http/0/match/0', rule: 0, match: 0, name: 'shop' },
    received: { path: '/shop/7?x=1' },
    dropped: [{ name: 'bad_name' }],
    forwarded: {
      request: {
        authority: 'ACME.example.com:80',
        path: '/v2/7?x=1',
        headers: { 'x-a': ['1', '2'], 'x-team': ['shop'] },
      },
      destinations: [
        { upstream: 'web', cluster: 'acme/web', weight: 95, percent: 95, endpoints: 2 },
        { upstream: 'web', subset: 'canary', cluster: 'acme/web/canary', weight: 5, percent: 5, endpoints: 1 },
      ],
    },
    responseHeaders: { add: { 'x-served': 'yes' } },
    tried: [],
    moreTried: 0,
  });
});

test('what was tried, and why it does not match', async () =>
  expect((await ask({ authority: 'acme.example.com', path: '/shopping' })).body).toMatchObject({
    outcome: 'not-found',
    status: 404,
    gateway: { resource: 'gateways/edge', server: 0, path: '/servers/0/hosts/0', host: 'acme.example.com' },
    answer: { status: 404 },
    tried: [
      {
        resource: 'routes/web',
        path: '/http/0/match/0',
        field: '/uri',
        why: 'the path /shopping does not match',
        expected: 'whole segments that begin with /shop',
      },
    ],
  }));

test.each([
  [{ authority: 'x.test' }, 'not-found', /no gateway admits x\.test on port 80/],
  [{ authority: 'x.acme.example.com' }, 'not-found', /\*\.acme\.example\.com is admitted, but no route is bound/],
  [{ authority: 'acme.example.com', scheme: 'https' }, 'refused', /TLS handshake fails: .* admits acme\.example\.com/],
  [{ authority: 'acme.example.com', port: 8080 }, 'refused', /the fleet public does not offer port 8080/],
  [{ authority: 'acme.example.com', port: 443, scheme: 'http' }, 'refused', /port 443 .* speaks HTTPS, not http/],
  [{ authority: 'acme.example.com', path: '/shop%2fx' }, 'redirect', /escaped slash/],
  [{ authority: 'acme.example.com', path: '/x/%2e%2e;/shop' }, 'rejected', /dot segment/],
  [{ authority: 'acme.example.com', method: 'FOO' }, 'rejected', /no method FOO/],
])('%j: %s', async (request, outcome, why) => {
  const { status, body } = await ask(request);
  expect([status, body.outcome]).toEqual([200, outcome]);
  expect(body.why).toMatch(why);
});

test('under an earlier revision, and under a configuration that is not written', async () => {
  const request = { authority: 'acme.example.com', path: '/new' };
  expect((await ask({ ...request, revision: 1 })).body).toMatchObject({ revision: 1, rule: { path: '/http/0' } });
  const { body } = await ask({ ...request, configuration: document('/new') });
  expect(body).toMatchObject({ outcome: 'matched', forwarded: { request: { path: '/v2' } } });
  expect(body.revision).toBeUndefined();
  expect((await ask(request)).body).toMatchObject({ outcome: 'not-found', revision: 2 });
});

test('a configuration in the body is judged as a PUT of it would be', async () => {
  const configuration = { ...document('/x'), upstreams: {} };
  const refused = await ask({ authority: 'a.test', configuration });
  expect([refused.status, refused.body.code]).toEqual([422, 'invalid-configuration']);
  expect(refused.body.violations[0].pointer).toMatch(/^\/configuration\/routes\/web\/http\/0\/route\/0/);
  const malformed = await ask({
    authority: 'a.test',
    configuration: { upstreams: { web: { ...upstream(), port: -1 } } },
  });
  expect([malformed.status, malformed.body.violations[0].pointer]).toEqual([422, '/configuration/upstreams/web/port']);
});

test.each([
  [{}, '/authority'],
  [{ authority: 'a.test', fleet: 'other' }, '/fleet'],
  [{ authority: 'a.test', revision: 1, configuration: {} }, '/revision'],
  [{ authority: 'a.test', headers: { host: 'b.test' } }, '/headers/host'],
  [{ authority: 'a.test', headers: { 'x-a': 'x'.repeat(40_000), 'x-b': 'x'.repeat(40_000) } }, '/headers'],
  [{ authority: 'a.test', headers: { 'x-a': Array.from({ length: 101 }, () => '1') } }, '/headers/x-a'],
  [{ authority: 'a.test', port: -1 }, '/port'],
])('a wrong request is pointed at: %#', async (body, pointer) => {
  const answer = await ask(body);
  expect(answer.status).toBe(422);
  expect(answer.body.violations.map((each: { pointer: string }) => each.pointer)).toContain(pointer);
});

test('revisions that are not there', async () => {
  expect((await ask({ authority: 'a.test', revision: 99 })).status).toBe(404);
  expect((await api.post('/v1/tenants/nobody/explain', { authority: 'a.test' })).status).toBe(404);
});

test('a read token is enough, and another tenant is none of its business', async () => {
  const token = await tokenFor(api, '/v1/tenants/acme', { scopes: ['read'] });
  expect((await api.post(PATH, { authority: 'acme.example.com' }, { token })).status).toBe(200);
  const configuration = document('/other');
  expect((await api.post(PATH, { authority: 'acme.example.com', configuration }, { token })).status).toBe(200);
  expect((await api.post('/v1/tenants/other/explain', { authority: 'a.test' }, { token })).status).toBe(403);
});

test('a configuration in the body that asks for a host of another tenant', async () => {
  await tenantWithRoute(api, 'rival');
  const configuration = { ...document('/shop'), gateways: { edge: gateway('rival.example.com') } };
  const { status, body } = await ask({ authority: 'rival.example.com', configuration });
  expect([status, body.code]).toEqual([409, 'host-taken']);
  expect(body.violations[0].pointer).toBe('/configuration/gateways/edge/servers/0/hosts/0');
});

test('a tenant on several fleets names one; on none it learns that', async () => {
  const { status } = await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'second' });
  expect(status).toBe(201);
  const several = await ask({ authority: 'acme.example.com' });
  expect([several.status, several.body.violations[0]]).toMatchObject([
    422,
    { pointer: '/fleet', code: 'fleet-required', message: expect.stringContaining('public, second') },
  ]);
  expect((await ask({ authority: 'acme.example.com', path: '/shop', fleet: 'second' })).body).toMatchObject({
    fleet: 'second',
    outcome: 'matched',
  });
  expect((await api.post('/v1/tenants', { name: 'empty' })).status).toBe(201);
  const none = await api.post('/v1/tenants/empty/explain', { authority: 'a.test' });
  expect(none.body).toMatchObject({ outcome: 'refused', revision: 0, why: expect.stringContaining('no fleet serves') });
});

test('other requests are answered while a hostile pattern is matched', async () => {
  const hostile = { match: [{ uri: { regex: '.*a.{1000}.*b.{900}z' } }], directResponse: { status: 200 } };
  const configuration = {
    ...document('/x'),
    routes: { web: { hosts: ['acme.example.com'], gateways: ['edge'], http: [hostile] } },
  };
  let isDone = false;
  const explained = ask({
    authority: 'acme.example.com',
    fleet: 'public',
    path: `/${'ab'.repeat(8_000)}`,
    configuration,
  });
  void explained.finally(() => {
    isDone = true;
  });
  let answered = 0;
  while (!isDone) {
    expect((await api.get('/healthz')).status).toBe(200);
    answered++;
  }
  expect((await explained).body.outcome).toBe('not-found');
  expect(answered).toBeGreaterThan(10);
});

test('a configuration in the body may be as large as PUT accepts', async () => {
  // The limits count values, so the specs are small and many: 30,000 values.
  const upstreams = Object.fromEntries(
    Array.from({ length: 600 }, (_, i) => [
      `u${i}`,
      { port: 80, endpoints: Array.from({ length: 24 }, (_, j) => ({ address: `10.${i % 250}.0.${j + 1}` })) },
    ]),
  );
  const configuration = { ...document('/large'), upstreams: { web: WEB, ...upstreams } };
  const put = await api.put('/v1/tenants/acme/configuration?dryRun=true', configuration);
  expect([put.status, put.body.errors]).toEqual([200, []]);
  const { status, body } = await ask({ authority: 'acme.example.com', path: '/large', fleet: 'public', configuration });
  expect([status, body.outcome, body.violations]).toEqual([200, 'matched', undefined]);
});

describe('a TLS connection that was opened for a host of another tenant', () => {
  const https = (host: string) => {
    const base = gateway(host);
    const port = { number: 443, name: 'https', protocol: 'HTTPS' };
    return { ...base, servers: [{ port, hosts: [host], tls: { mode: 'SIMPLE', credentialName: 'own' } }] };
  };
  const asked = (serverName: string) =>
    ask({ authority: 'acme.example.com', scheme: 'https', fleet: 'public', serverName, revision: 2 });

  beforeAll(async () => {
    await tenantWithRoute(api, 'neighbour', 'plain.neighbour.test');
    const { certificateChain, privateKey } = await (await Authority.create()).issue('*.neighbour.test');
    const at = '/v1/tenants/neighbour';
    expect((await api.put(`${at}/certificates/own`, { certificateChain, privateKey })).status).toBe(201);
    expect((await api.put(`${at}/gateways/secure`, https('*.secure.neighbour.test'))).status).toBe(201);
  });

  test('reaches the edge, which knows no such host of this tenant there', async () => {
    const { status, body } = await asked('A.secure.neighbour.test');
    // The tenant has no HTTPS server, so no host is found on the port.
    expect([status, body.outcome, body.status]).toEqual([200, 'not-found', 404]);
    expect(JSON.stringify(body)).not.toContain('own');
  });

  test('does not carry a request for a host of this tenant', async () => {
    const { certificateChain, privateKey } = await (await Authority.create()).issue('acme.example.com');
    await api.put('/v1/tenants/acme/certificates/own', { certificateChain, privateKey });
    expect((await api.put('/v1/tenants/acme/gateways/secure', https('acme.example.com'))).status).toBe(201);
    const routed = { ...route('acme.example.com'), gateways: ['edge', 'secure'] };
    expect((await api.put('/v1/tenants/acme/routes/web', routed)).status).toBe(200);
    const about = { authority: 'acme.example.com', scheme: 'https', fleet: 'public' };
    const { body } = await ask({ ...about, serverName: 'a.secure.neighbour.test' });
    expect([body.outcome, body.status]).toEqual(['misdirected', 421]);
    expect(body.why).toBe(
      'the connection was opened for a.secure.neighbour.test, and its certificate does not cover acme.example.com',
    );
    expect((await ask(about)).body.outcome).not.toBe('misdirected');
  });

  test.each(['plain.neighbour.test', 'secure.neighbour.test', 'nobody.test'])(
    'is refused when the other tenant has no certificate for it: %s',
    async (name) => expect((await asked(name)).body.outcome).toBe('refused'),
  );
});

test.each([
  [{ method: 'M-SEARCH' }, 400],
  [{ headers: { 'transfer-encoding': 'identity' } }, 501],
  [{ headers: { 'content-length': 'x' } }, 400],
  [{ authority: '', httpVersion: '1.1' }, 400],
  [{ authority: '' }, 404],
])('what the parser of the edge answers: %j', async (more, status) => {
  const { body } = await ask({ authority: 'acme.example.com', fleet: 'public', ...more });
  expect(body.status).toBe(status);
});
