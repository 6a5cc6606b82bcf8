import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationOf } from '../../../api/onboarding/application.ts';
import { issue } from '../certificates/authority.ts';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

let api: Harness;
let token: string;
const start = (body: object, { query = '', tenant = 'shop', as = token, headers = {} } = {}) =>
  api.post(`/v1/tenants/${tenant}/quickstart${query}`, body, { token: as, headers });

beforeAll(async () => {
  api = await harness({ GATEHOUSE_PLATFORM_DOMAIN: 'apps.example', GATEHOUSE_PLATFORM_PORT: '8443' });
  await api.post('/v1/fleets', SHARED_FLEET);
  for (const name of ['platform', 'shop', 'music']) await api.post('/v1/tenants', { name });
  await api.put('/v1/tenants/platform/gateways/public', {
    selector: { ingress: 'public' },
    servers: [
      {
        port: { number: 80, name: 'http', protocol: 'HTTP' },
        hosts: ['*.apps.example'],
        allowedRoutes: { tenants: 'all' },
      },
    ],
  });
  const made = await api.post('/v1/tenants/shop/tokens', { scopes: ['write'] });
  token = made.body.token;
});
afterAll(() => api.close());

describe('a quick start', () => {
  test('200: a dry run says what would be written, and writes nothing', async () => {
    const { status, body } = await start({ url: 'http://203.0.113.7:8080' }, { query: '?dryRun=true' });
    expect([status, body.dryRun, body.revision, body.errors]).toEqual([200, true, 1, []]);
    expect((await api.get('/v1/tenants/shop')).body.revision).toBe(0);
  });

  test('201: gives the application an address; the same request again changes nothing', async () => {
    const application = { url: 'https://shop.example.com/v2/' };
    const { status, headers, body } = await start(application);
    expect([status, headers.get('location'), body]).toMatchObject([
      201,
      '/v1/tenants/shop/revisions/1',
      { url: 'https://shop.apps.example:8443', host: 'shop.apps.example', upstream: 'app', route: 'app', warnings: [] },
    ]);
    expect((await api.get('/v1/tenants/shop/configuration')).body).toEqual({
      ...{ gateways: {}, certificates: {}, trustBundles: {} },
      upstreams: {
        app: {
          port: 443,
          protocol: 'AUTO',
          endpoints: [{ address: 'shop.example.com' }],
          tls: { sni: 'shop.example.com', subjectAltNames: ['shop.example.com'] },
        },
      },
      routes: {
        app: {
          hosts: ['shop.apps.example'],
          gateways: ['platform/public'],
          http: [
            {
              match: [{ uri: { prefix: '/' } }],
              rewrite: { uri: '/v2/', authority: 'shop.example.com' },
              route: [{ destination: { upstream: 'app' } }],
            },
          ],
        },
      },
    });
    expect(await start(application)).toMatchObject({ status: 200, body: { changed: false, revision: 1 } });
  });

  test('409: does not replace an upstream or a route of the same name', async () => {
    const other = { url: 'http://203.0.113.7:8080' };
    const { status, body } = await start(other);
    expect([status, body.code, body.detail]).toEqual([
      409,
      'name-taken',
      'the upstream app exists and is different; choose another name with the member name',
    ]);
    const second = await start({ ...other, name: 'second', host: 'api.shop.apps.example' });
    expect([second.status, second.body.url]).toEqual([201, 'https://api.shop.apps.example:8443']);
  });

  test('409: does not divert the requests of a live route, whatever its name', async () => {
    const url = 'http://203.0.113.7:8080';
    const refused = (route: string, host: string) => [
      409,
      'name-taken',
      `the route ${route} serves ${host} already; choose another host with the member host`,
    ];
    // Routes of one host are ordered by name.
    for (const [name, query] of [
      ['aaa', ''],
      ['aaa', '?dryRun=true'],
      ['zzz', ''],
    ] as const) {
      const { status, body } = await start({ url, name }, { query });
      expect([status, body.code, body.detail]).toEqual(refused('app', 'shop.apps.example'));
    }
    // A wider host of a server of the gateway, and one that only sidecars serve.
    const route = (gateway: string) => ({
      ...{ hosts: ['*.wide.shop.apps.example'], gateways: [gateway] },
      http: [{ route: [{ destination: { upstream: 'app' } }] }],
    });
    await api.put('/v1/tenants/shop/routes/wide', route('platform/public:http'));
    const host = 'a.wide.shop.apps.example';
    const { status, body } = await start({ url, name: 'aaa', host });
    expect([status, body.code, body.detail]).toEqual(refused('wide', host));
    await api.put('/v1/tenants/shop/routes/wide', route('mesh'));
    expect((await start({ url, name: 'aaa', host })).status).toBe(201);
    expect(await start({ url, name: 'aaa', host })).toMatchObject({ status: 200, body: { changed: false } });
  });

  test('422: another tenant’s host, with the pointer to it', async () => {
    for (const host of ['music.apps.example', '*.apps.example', 'shop.example', 'xshop.apps.example']) {
      const { status, body } = await start({ url: 'http://203.0.113.7', name: 'x', host });
      expect([status, body.violations]).toMatchObject([422, [{ pointer: '/host' }]]);
    }
  });

  test('403: of another tenant, and without the right to write', async () => {
    expect((await start({ url: 'http://203.0.113.7' }, { tenant: 'music' })).status).toBe(403);
    const read = await api.post('/v1/tenants/shop/tokens', { scopes: ['read'] });
    expect((await start({ url: 'http://203.0.113.7' }, { as: read.body.token })).status).toBe(403);
  });

  test('warns of a host that no certificate of the platform covers', async () => {
    const server = { hosts: ['*.apps.example'], allowedRoutes: { tenants: 'all' } };
    const { certificateChain, privateKey } = await issue(['*.apps.example']);
    await api.put('/v1/tenants/platform/certificates/domain', { certificateChain, privateKey });
    const opened = await api.put('/v1/tenants/platform/gateways/public', {
      selector: { ingress: 'public' },
      servers: [
        { ...server, port: { number: 80, name: 'http', protocol: 'HTTP' } },
        {
          ...server,
          port: { number: 443, name: 'https', protocol: 'HTTPS' },
          tls: { mode: 'SIMPLE', credentialName: 'domain' },
        },
      ],
    });
    expect(opened.status).toBe(200);
    const host = 'deep.shop.apps.example';
    const { body } = await start({ url: 'http://203.0.113.7', name: 'deep', host });
    expect(body.warnings).toMatchObject([
      {
        ...{ code: 'certificate-does-not-cover', resource: 'routes/deep', path: '/hosts/0', pointer: '/host' },
        message: expect.stringContaining('is for *.apps.example, not for deep.shop.apps.example'),
      },
    ]);
    expect((await start({ url: 'https://shop.example.com/v2/' })).body.warnings).toEqual([]);
  });

  test('a repeated request with its key gets the first answer, address included', async () => {
    const headers = { 'idempotency-key': 'start-1' };
    const request = { url: 'http://203.0.113.9', name: 'keyed', host: 'keyed.shop.apps.example' };
    const first = await start(request, { headers });
    const again = await start(request, { headers });
    expect([first.status, again.body]).toEqual([201, first.body]);
  });
});

test('a route that misspells the gateway of the platform gets its name; other gateways are never suggested', async () => {
  await api.put('/v1/tenants/music/gateways/concerts', {
    selector: { ingress: 'public' },
    servers: [
      {
        port: { number: 80, name: 'http', protocol: 'HTTP' },
        hosts: ['*.concerts.example'],
        allowedRoutes: { tenants: 'all' },
      },
    ],
  });
  const hints = [];
  for (const gateway of ['platform/pubic', 'platform/pubic:http', 'platform/public:htp', 'music/concert', 'a/b']) {
    const { body } = await api.put('/v1/tenants/shop/routes/typo', {
      ...{ hosts: ['typo.shop.apps.example'], gateways: ['platform/public', gateway] },
      http: [{ route: [{ destination: { upstream: 'app' } }] }],
    });
    expect(body.violations[0]).toMatchObject({ code: 'gateway-not-shared', path: '/gateways/1' });
    hints.push(body.violations[0].hint);
  }
  const hint = 'did you mean "platform/public"?';
  expect(hints).toEqual([hint, hint, undefined, undefined, undefined]);
});

test('409: a platform without a domain', async () => {
  const plain = await harness();
  await plain.post('/v1/tenants', { name: 'shop' });
  const { status, body } = await plain.post('/v1/tenants/shop/quickstart', { url: 'http://203.0.113.7' });
  expect([status, body.code]).toEqual([409, 'no-platform-domain']);
  await plain.close();
});

describe('the URL of an application', () => {
  test.each([
    ['http://203.0.113.7:8080', { isSecure: false, address: '203.0.113.7', isName: false, port: 8080, path: '' }],
    ['https://[2001:db8::1]/a/', { isSecure: true, address: '2001:db8::1', isName: false, port: 443, path: '/a' }],
    ['HTTP://Shop.Example.COM.', { isSecure: false, address: 'shop.example.com', isName: true, port: 80, path: '' }],
    ['https://bücher.example', { isSecure: true, address: 'xn--bcher-kva.example', isName: true, port: 443, path: '' }],
  ])('%s', (url, application) => expect(applicationOf(url)).toEqual(application));

  test.each([
    ['shop.example.com', /^must be a URL such as/],
    ['ftp://shop.example.com', /^must be a URL such as/],
    ['http:shop.example.com', /^must be a URL such as/],
    ['http://', /^must be a URL such as/],
    ['http://user:secret@shop.example.com', /^must have no user name and no password$/],
    ['http://shop.example.com/?a=1', /without a query/],
    ['http://shop.example.com:0', /port/],
    ['http://shop_1%20.example', /^must/],
  ])('%s is rejected', (url, text) => expect(applicationOf(url)).toMatch(text));
});
