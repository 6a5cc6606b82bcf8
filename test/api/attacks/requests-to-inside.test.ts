/**
 * A tenant names an address inside the operator's network, in every place that a program of the platform connects to.
 * `test/envoy/denied-names.test.ts` tries names that resolve to such addresses.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode, encode } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Authority } from '../../../api/acme/authority.ts';
import { changeRecord } from '../../../api/acme/dns-webhook.ts';
import { Resolver } from '../../../api/dns/resolver.ts';
import { ROOTS } from '../../../api/dns/roots.ts';
import type { DnsTransport } from '../../../api/dns/transport.ts';
import { nodeTransport } from '../../../api/mail/configured.node.ts';
import { webhook } from '../../../api/mail/webhook.ts';
import { OidcProvider } from '../../../api/oidc/provider.ts';
import { readSettings } from '../../../api/settings.ts';
import { gateway, type Harness, harness, SHARED_FLEET, tenantWithRoute, tokenFor } from '../harness.ts';
import { DENIED_NETWORKS, INSIDE } from './inside.ts';

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

let api: Harness;
let token: string;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_PLATFORM_DOMAIN: 'apps.example' });
  await api.post('/v1/fleets', { ...SHARED_FLEET, denyDestinations: DENIED_NETWORKS });
  await api.post('/v1/tenants', { name: 'platform' });
  const servers = [
    {
      port: { number: 80, name: 'http', protocol: 'HTTP' },
      hosts: ['*.apps.example'],
      allowedRoutes: { tenants: 'all' },
    },
  ];
  await api.put('/v1/tenants/platform/gateways/public', { selector: { ingress: 'public' }, servers });
  const { put } = api;
  // The harness gives its tenants an address that this fleet denies.
  const outside = (body: unknown) => JSON.parse(JSON.stringify(body).replaceAll('10.0.0.1', '203.0.113.1'));
  await tenantWithRoute({ ...api, put: (path, body) => put(path, outside(body)) }, 'acme');
  token = await tokenFor(api, '/v1/tenants/acme', { scopes: ['write'] });
});
afterAll(() => api.close());

const endpoints = (address: string) => ({ port: 80, endpoints: [{ address: '203.0.113.1' }, { address }] });
const checked = { healthChecks: [{ http: { path: '/latest/meta-data', host: 'metadata' }, port: 80 }] };

const places: Record<string, (address: string) => Promise<Awaited<ReturnType<Harness['call']>>>> = {
  'an upstream': (address) => api.put('/v1/tenants/acme/upstreams/web', endpoints(address), { token }),
  'an upstream whose name Envoy resolves': (address) =>
    api.put('/v1/tenants/acme/upstreams/one', { port: 80, dns: 'logical', endpoints: [{ address }] }, { token }),
  'an upstream with health checks': (address) =>
    api.put('/v1/tenants/acme/upstreams/web', { ...endpoints(address), ...checked }, { token }),
  'a whole configuration': (address) =>
    api.put(
      '/v1/tenants/acme/configuration',
      { gateways: { edge: gateway('acme.example.com') }, upstreams: { web: endpoints(address) } },
      { token },
    ),
  'a registered endpoint': (address) =>
    api.put('/v1/tenants/acme/upstreams/web/endpoints/a', { address, ttl: '30s' }, { token }),
};

describe.each(Object.entries(places))('in %s', (what, write) => {
  test('no address inside is accepted, however it is written', async () => {
    for (const [address, expected] of Object.entries(INSIDE)) {
      const { status, body } = await write(address);
      const isDenied = JSON.stringify(body).includes('"destination-denied"');
      // Envoy resolves names only, so an IP address is invalid there.
      expect([status, isDenied], address).toEqual([422, expected === 'denied' && !what.includes('Envoy resolves')]);
    }
    const { revision } = (await api.get('/v1/tenants/acme')).body;
    expect(revision).toBe(1);
  });
});

test('an upstream that no fleet serves yet is refused when a fleet would serve it', async () => {
  await api.post('/v1/tenants', { name: 'guest' });
  for (const [index, [address, is]] of Object.entries(INSIDE).entries()) {
    if (is !== 'denied') continue;
    const name = `u${index}`;
    expect((await api.put(`/v1/tenants/guest/upstreams/${name}`, endpoints(address))).status).toBe(201);
    const http = [{ route: [{ destination: { upstream: name } }] }];
    const attached = { hosts: ['guest.apps.example'], gateways: ['platform/public'], http };
    const own = await api.put('/v1/tenants/guest/gateways/own', gateway('guest.example.com'));
    const shared = await api.put('/v1/tenants/guest/routes/web', attached);
    expect([own.status, shared.status], address).toEqual([422, 422]);
    expect((await api.remove(`/v1/tenants/guest/upstreams/${name}`)).status).toBe(204);
  }
});

test('a quick start accepts no URL of an address inside, however it is written', async () => {
  const written = Object.keys(INSIDE).filter((address) => !/^(?:$|[@/]|\w+:\/|unix|example)/.test(address));
  const urls = written.flatMap((address) => [
    `http://${address}`,
    `https://${address.includes('::') ? `[${address}]` : address}:8443/latest/meta-data`,
  ]);
  const others = [
    ...['http://user@203.0.113.1', 'http://user:secret@shop.example', 'file:///etc/passwd', 'gopher://127.0.0.1:25/_x'],
    ...[
      'http:127.0.0.1',
      'javascript:alert(1)',
      'http://[::ffff:7f00:1]',
      'http://%31%32%37.0.0.1',
      'ftp://shop.example',
    ],
    ...['http://shop.example#@127.0.0.1', 'http://shop.example/?x', 'http://shop.example\\@127.0.0.1', 'http://0x7f.1'],
  ];
  for (const url of [...urls, ...others]) {
    const { status } = await api.post('/v1/tenants/acme/quickstart', { url }, { token });
    expect(status, url).toBe(422);
  }
});

describe('a domain', () => {
  /** Answers every query as a root server that refers to one name server, at this address. */
  const referringTo = (address: string, asked: string[]): DnsTransport => ({
    tcp: async (server, bytes) => {
      asked.push(server.address);
      if (!ROOTS.includes(server.address)) throw new Error('closed');
      const { id, questions } = decode(Buffer.from(bytes));
      const type = address.includes(':') ? 'AAAA' : 'A';
      return encode({
        ...{ type: 'response', id: id!, questions: questions!, flags: 0, answers: [] },
        authorities: [{ type: 'NS', name: 'shop.test', data: 'ns.shop.test' }],
        additionals: [{ type, name: 'ns.shop.test', data: address }],
      });
    },
  });
  const askedFor = async (address: string) => {
    const asked: string[] = [];
    const question = { name: '_gatehouse.shop.test', type: 'TXT' } as const;
    await expect(new Resolver(referringTo(address, asked)).authoritative(question)).rejects.toThrow();
    return asked.filter((each) => !ROOTS.includes(each));
  };

  test('leads the resolver to name servers of the internet only', async () => {
    for (const [address, is] of Object.entries(INSIDE))
      if (is === 'denied') expect(await askedFor(address), address).toEqual([]);
    for (const address of ['192.41.162.30', '2001:500:a8::e']) expect(await askedFor(address)).toContain(address);
  });
});

describe('a redirect to an address inside is not followed', () => {
  /** A server outside that redirects to one inside, and the number of requests that the latter gets. */
  async function redirecting() {
    let inside = 0;
    const listening = async (listener: RequestListener) => {
      const server = createServer(listener);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    const target = await listening((_, response) => {
      inside++;
      response.end('{}');
    });
    const outside: Record<number, string> = {};
    for (const status of [301, 302, 303, 307, 308])
      outside[status] = await listening((_, response) => {
        response.writeHead(status, { location: target }).end();
      });
    return { urls: Object.values(outside), count: () => inside };
  }
  const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
  const services: Record<string, (url: string) => Promise<unknown>> = {
    'the DNS webhook': (url) =>
      changeRecord(readSettings({ GATEHOUSE_ACME_DNS_WEBHOOK: url, GATEHOUSE_ACME_DNS_SECRET: secret }), 'add', {
        name: '_acme-challenge.shop.example',
        value: 'x',
      }),
    'the mail webhook': (url) =>
      webhook(readSettings({ GATEHOUSE_MAIL: url, GATEHOUSE_MAIL_SECRET: secret })).send({
        ...{ id: '1', from: { address: 'a@example.com' }, to: 'b@example.com', template: 'invitation', createdAt: 0 },
        ...{ subject: '', text: '', html: '' },
      }),
    'the directory of the certificate authority': (url) => {
      const plain: typeof fetch = (to, init) => fetch(String(to).replace('https:', 'http:'), init);
      const authority = new Authority(url.replace('http:', 'https:'), Date.now, plain);
      return authority.createAccount({ public: {}, sign: async () => '' } as never, undefined, undefined);
    },
    'the sign-in provider': (url) => {
      const settings = readSettings({
        ...{ GATEHOUSE_OIDC_ISSUER: url, GATEHOUSE_OIDC_CLIENT_ID: 'a', GATEHOUSE_OIDC_CLIENT_SECRET: 'b' },
        GATEHOUSE_OIDC_DOMAINS: 'example.com',
      });
      return OidcProvider.from(settings, Date.now, SILENT)!.begin('/', 0);
    },
  };
  test.for(Object.entries(services))('by %s', async ([, request]) => {
    const { urls, count } = await redirecting();
    for (const url of urls) await expect(request(url)).rejects.toThrow();
    expect(count()).toBe(0);
  });
});

describe('the API does not start with a URL of another form', () => {
  const SECRET = 'gh-secret-of-the-operator';
  const web = [
    'GATEHOUSE_ACME_DIRECTORY',
    'GATEHOUSE_ACME_DNS_WEBHOOK',
    'GATEHOUSE_OIDC_ISSUER',
    'GATEHOUSE_PUBLIC_URL',
  ];
  test.for([...web, 'GATEHOUSE_MAIL'])('in %s', async (name) => {
    const start = async (url: string) => {
      const settings = readSettings({ [name]: url, GATEHOUSE_MAIL_SECRET: `whsec_${'a'.repeat(40)}` });
      return name === 'GATEHOUSE_MAIL' ? nodeTransport(settings) : undefined;
    };
    await expect(start('https://service.example/')).resolves.not.toThrow();
    for (const url of [
      ...[`https://user:${SECRET}@service.example/`, `https://${SECRET}@service.example/`],
      ...[`ftp://service.example/${SECRET}`, `javascript:alert('${SECRET}')`, `data:,${SECRET}`, `//${SECRET}`, SECRET],
      ...[`https://service.example/\r\nHost: ${SECRET}`, `https://service.example/\t${SECRET}`, ` https://${SECRET}/`],
      ...[`https://service.example/#${SECRET}`, `https:///${SECRET}`, `https:service.example/${SECRET}`],
    ]) {
      const error = await start(url).then(
        () => new Error(`accepted ${url}`),
        (thrown: Error) => thrown,
      );
      expect(error.message, url).toMatch(name);
      expect(error.message).not.toContain(SECRET);
    }
  });
});
