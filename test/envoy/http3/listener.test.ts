/** Hosts of two tenants over HTTP/3 and over TCP, on a real Envoy behind an agent, with a real client. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { ConfigurationDocument } from '../../../model/configuration.ts';
import { Server } from '../../../model/kinds/gateway.ts';
import type { ServerTls } from '../../../model/kinds/server-tls.ts';
import { Feed } from '../../dataplane/feed.ts';
import { https } from '../../e2e/edge.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import { startEcho } from '../compiled-edge.ts';
import type { RunningEnvoy } from '../run.ts';
import { runBeside } from '../run-beside.ts';
import { http2, over, type Pair, TestAuthority } from '../tls/clients.ts';
import { canSpeakHttp3, Http3Client, type Http3Request } from './client.ts';
import { startRelay } from './relay.ts';

let feed: Feed;
let envoy: RunningEnvoy;
let client: Http3Client;
let port: number;
let relay: Awaited<ReturnType<typeof startRelay>>;
let echo: Awaited<ReturnType<typeof startEcho>>;
let authority: TestAuthority;
let clients: TestAuthority;
const pairs: Record<string, { certificate: string; key: string }> = {};

interface Group extends Partial<Pick<Server, 'http3'>> {
  hosts: string[];
  tls?: Partial<ServerTls>;
}

const QUIC = { port: 443, protocol: 'HTTP3' as const };

const documentOf = (groups: Group[], certificate: Pair): ConfigurationDocument => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: groups.map(({ tls, ...group }, index) => ({
        ...group,
        port: { number: 443, name: `s${index}`, protocol: 'HTTPS' as const },
        tls: { mode: 'SIMPLE', credentialName: 'web', ...tls },
      })),
    },
  },
  routes: {
    app: {
      hosts: groups.flatMap(({ hosts }) => hosts),
      gateways: ['web'],
      http: [
        { match: [{ uri: { exact: '/away' } }], redirect: { uri: '/' } },
        // Behind the relay, Envoy's own HTTP/3 listener is the upstream.
        {
          match: [{ uri: { exact: '/again' } }],
          rewrite: { uri: '/seen', authority: 'shop.acme.test' },
          route: [{ destination: { upstream: 'again' } }],
        },
        {
          match: [{ uri: { exact: '/unknown' } }],
          rewrite: { uri: '/seen', authority: 'shop.acme.test' },
          route: [{ destination: { upstream: 'unknown' } }],
        },
        { route: [{ destination: { upstream: 'app' } }] },
      ],
    },
  },
  upstreams: {
    app: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] },
    again: {
      ...QUIC,
      endpoints: [{ address: '127.0.0.1', port: relay.port }],
      tls: { caCertificates: 'web', sni: 'shop.acme.test' },
    },
    unknown: {
      ...QUIC,
      endpoints: [{ address: '127.0.0.1', port: relay.port }],
      tls: { caCertificates: 'clients', sni: 'shop.acme.test' },
    },
  },
  trustBundles: { clients: { certificates: clients.pem }, web: { certificates: authority.pem } },
  certificates: { web: { certificateChain: certificate.certificateChain } },
});

/** Publishes a tenant whose one certificate covers all its hosts. */
async function tell(tenant: string, groups: Group[], isRsa = false): Promise<void> {
  const names = groups.flatMap(({ hosts }) => hosts).map((value) => ({ type: 'dns' as const, value }));
  const certificate = await authority.issue(names, { isRsa });
  const seq = feed.tell(tenant, documentOf(groups, certificate), { web: certificate.privateKey });
  await until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
}

const rejections = () => (feed.nodes[0]?.rejections ?? []).filter(({ over }) => !over);
const stat = async (name: string): Promise<number> =>
  Number((await envoy.admin(`/stats?filter=^${name}$`)).body.split(': ')[1] ?? 0);
const ask = (request: Omit<Http3Request, 'port'>) => client.get({ port, ...request });
const statusOf = async (request: Omit<Http3Request, 'port'>) => {
  const answer = await ask(request);
  return answer === 'refused' ? answer : answer.status;
};

const MUTUAL = { mode: 'MUTUAL', caCertificates: 'clients' } as const;
const ACME: Group[] = [
  { hosts: ['shop.acme.test', '*.wild.acme.test'], http3: true },
  { hosts: ['plain.acme.test', 'not.wild.acme.test'] },
  { hosts: ['secret.acme.test'], http3: true, tls: MUTUAL },
  { hosts: ['maybe.acme.test'], http3: true, tls: { mode: 'OPTIONAL_MUTUAL', caCertificates: 'clients' } },
];

/** The server in docs/tasks/http3.md. */
function documented(): Group {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/tasks/http3.md'), 'utf8');
  const { hosts, http3, tls } = Server.parse(JSON.parse(/^```json\n([\s\S]+?)^```/m.exec(page)![1]!));
  return { hosts, ...(http3 !== undefined && { http3 }), tls: { ...tls!, credentialName: 'web' } };
}

describe.skipIf(!canSpeakHttp3())('HTTP/3', () => {
  beforeAll(async () => {
    port = await freePort();
    echo = await startEcho();
    relay = await startRelay(() => port);
    [authority, clients] = [await TestAuthority.create('Web'), await TestAuthority.create('Clients')];
    const ports = [{ number: 443, bind: port, protocol: 'HTTPS' as const }];
    feed = await Feed.start({ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports });
    const strangers = await TestAuthority.create('Strangers');
    for (const [name, by] of Object.entries({ alice: clients, mallory: strangers })) {
      const { certificateChain, privateKey } = await by.issue([{ type: 'url', value: `spiffe://acme/${name}` }]);
      const pair = { certificate: join(feed.folder, `${name}.pem`), key: join(feed.folder, `${name}.key`) };
      writeFileSync(pair.certificate, certificateChain);
      writeFileSync(pair.key, privateKey);
      pairs[name] = pair;
    }
    envoy = await runBeside(feed.folder, 'edge', { concurrency: 2 });
    client = new Http3Client();
    await tell('acme', ACME);
    await tell('docs', [documented()]);
    await tell('beta', [{ hosts: ['shop.beta.test'], http3: true }], true);
  });
  afterAll(async () => {
    client?.close();
    await envoy?.stop();
    await feed?.stop();
    echo?.server.close();
    relay?.close();
  });

  test.each<[string, Omit<Http3Request, 'port'>, number | 'refused', string?]>([
    ['a host that is not loaded', { host: 'shop.acme.test' }, 200],
    ['the host again: it is loaded now', { host: 'shop.acme.test' }, 200],
    ['a POST to a host that is not loaded', { host: 'a.wild.acme.test', method: 'POST' }, 200],
    ['a host of another tenant, with an RSA certificate', { host: 'shop.beta.test' }, 200],
    ['a host of the documentation', { host: 'x.shop.acme.example' }, 200],
    ['a redirect', { host: 'shop.acme.test', path: '/away' }, 301],
    ['an mTLS host, without a certificate', { host: 'secret.acme.test' }, 'refused'],
    ['an mTLS host, with a certificate', { host: 'secret.acme.test' }, 200, 'alice'],
    ['an mTLS host, with a certificate of another CA', { host: 'secret.acme.test' }, 'refused', 'mallory'],
    ['a host that may get a certificate, without one', { host: 'maybe.acme.test' }, 200],
    ['a host that may get a certificate, with one of another CA', { host: 'maybe.acme.test' }, 'refused', 'mallory'],
    // Envoy does not tell scripts about the certificate of a QUIC connection. Clients open another connection.
    ['another host of the certificate', { host: 'plain.acme.test', serverName: 'shop.acme.test' }, 421],
    ['an mTLS host, on a public connection', { host: 'secret.acme.test', serverName: 'shop.acme.test' }, 421],
    [
      'a host of another tenant, on a connection of the first',
      { host: 'shop.beta.test', serverName: 'shop.acme.test' },
      421,
    ],
    ['a public host, on an mTLS connection', { host: 'shop.acme.test', serverName: 'secret.acme.test' }, 421, 'alice'],
    ['an escaped slash', { host: 'shop.acme.test', path: '/a%2Fb' }, 307],
    ['a dot segment with parameters', { host: 'shop.acme.test', path: '/x/%2e%2e;/admin' }, 403],
  ])('%s', async (_, request, expected, pair) => {
    expect(await statusOf({ ...request, pair: pair ? pairs[pair] : undefined })).toBe(expected);
  });

  it('says that no route serves a host', async () => {
    expect(await ask({ host: 'nobody.test', serverName: 'shop.acme.test' })).toMatchObject({
      status: 404,
      body: 'No route serves this host.',
    });
  });

  it('does not answer connections to names without HTTP/3', async () => {
    const names = ['nobody.test', '', 'plain.acme.test', 'not.wild.acme.test', 'no host?'];
    const answers = names.map((serverName) => statusOf({ host: 'shop.acme.test', serverName, patience: 3 }));
    expect(await Promise.all(answers)).toEqual(names.map(() => 'refused'));
  });

  it('sends the upstream what TCP sends, and no identity that a client claims', async () => {
    const headers: Record<string, string> = {
      'x-forwarded-for': '192.0.2.99',
      'x-forwarded-client-cert': 'URI=spiffe://acme/root',
      'x-gatehouse-scope': '443|shop.beta.test',
    };
    const answer = await ask({ host: 'shop.acme.test', headers });
    const seen = JSON.parse((answer as { body: string }).body).headers;
    expect(seen).toMatchObject({ 'x-forwarded-proto': 'https', host: 'shop.acme.test' });
    expect(seen['x-forwarded-for']).toMatch(/^192\.0\.2\.99,[\d.]+$/); // the address of the client is the last one
    expect(seen['x-forwarded-client-cert']).toBeUndefined();
    expect(Object.keys(seen).filter((name) => name.startsWith('x-gatehouse'))).toEqual([]);
    const known = await ask({ host: 'secret.acme.test', headers, pair: pairs.alice });
    expect((known as { body: string }).body).toContain('URI=spiffe://acme/alice');
  });

  it('is announced over TCP with the public port, and only for hosts that have it', async () => {
    const announced = async (host: string) => (await https({ port, host, ca: authority.pem })).headers['alt-svc'];
    expect(await announced('shop.acme.test')).toBe('h3=":443"; ma=86400');
    expect(await announced('x.wild.acme.test')).toBe('h3=":443"; ma=86400');
    expect(await announced('plain.acme.test')).toBeUndefined();
    expect(await announced('not.wild.acme.test')).toBeUndefined();
  });

  it('is spoken to an upstream, whose certificate is verified', async () => {
    const connections = await stat('http.https.downstream_cx_http3_total');
    for (const path of ['/again', '/again']) {
      const { status, body } = await https({ port, host: 'plain.acme.test', path, ca: authority.pem });
      expect({ status, url: JSON.parse(body).url }).toEqual({ status: 200, url: '/seen' });
    }
    expect(await stat('http.https.downstream_cx_http3_total')).toBeGreaterThan(connections);
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket' };
    const upgraded = https({ port, host: 'plain.acme.test', path: '/again', ca: authority.pem, headers: upgrade });
    expect((await upgraded).status).toBeGreaterThanOrEqual(400);
    expect((await https({ port, host: 'plain.acme.test', path: '/unknown', ca: authority.pem })).status).toBe(503);
  });

  it('adds and removes hosts without closing connections over QUIC or TCP', async () => {
    const session = http2(port, 'plain.acme.test');
    expect(await over(session, 'plain.acme.test')).toBe(200);
    const open = { host: 'shop.beta.test', connection: 'open' };
    expect(await statusOf(open)).toBe(200);
    const connections = await stat('http.https.downstream_cx_http3_total');
    const updates = await stat('listener_manager.listener_in_place_updated');
    await tell('gamma', [{ hosts: ['new.gamma.test'], http3: true }]);
    await until('the new host', async () => (await statusOf({ host: 'new.gamma.test' })) === 200);
    await tell('gamma', [{ hosts: ['new.gamma.test'] }]);
    await until(
      'the end of HTTP/3',
      async () => (await statusOf({ host: 'new.gamma.test', patience: 2 })) === 'refused',
    );
    expect(await stat('listener_manager.listener_in_place_updated')).toBeGreaterThan(updates);
    expect(await statusOf(open)).toBe(200);
    expect(await over(session, 'plain.acme.test')).toBe(200);
    expect(session.closed).toBe(false);
    session.close();
    expect(connections).toBeGreaterThan(0);
    expect(rejections()).toEqual([]);
  });

  it('closes the UDP port when no host has HTTP/3', async () => {
    const listeners = async () => (await envoy.admin('/listeners')).body;
    expect(await listeners()).toContain('http3-443');
    for (const tenant of ['acme', 'beta', 'gamma', 'docs']) await tell(tenant, [{ hosts: [`shop.${tenant}.test`] }]);
    await until('the listener to close', async () => !(await listeners()).includes('http3-443'));
    expect((await https({ port, host: 'shop.acme.test', ca: authority.pem })).status).toBe(200);
  });
});
