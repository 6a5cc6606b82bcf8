/** Hosts whose clients must show a certificate, of two tenants, on a real Envoy behind an agent. */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Configuration, type ConfigurationDocument } from '../../../model/configuration.ts';
import { explain } from '../../../model/explain/explain.ts';
import type { ServerTls } from '../../../model/kinds/server-tls.ts';
import { Feed } from '../../dataplane/feed.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import { startEcho } from '../compiled-edge.ts';
import type { RunningEnvoy } from '../run.ts';
import { runBeside } from '../run-beside.ts';
import { Conn, http2, over, type Pair, TestAuthority, visit } from './clients.ts';

let feed: Feed;
let envoy: RunningEnvoy;
let port: number;
let echo: Awaited<ReturnType<typeof startEcho>>;
let [web, acme, beta]: TestAuthority[] = [];
let [alice, bob, revoked, other]: Pair[] = [];

const documents: Record<string, ConfigurationDocument> = {};
/** What `explain` says about a request to the tenant acme. */
const explained = (servername: string, host: string, clientCertificate = true) => {
  const ports = [{ number: 443, bind: port, protocol: 'HTTPS' as const }];
  const fleet = { name: 'edge', labels: { ingress: 'public' }, ports };
  const request = { port: 443, serverName: servername, authority: host, path: '/x', clientCertificate };
  return explain(Configuration.fromDocument(documents.acme!), 'acme', fleet, request);
};

type Servers = { hosts: string[]; tls?: Partial<ServerTls> }[];

const tell = async (tenant: string, servers: Servers, bundle: { certificates: string; crl?: string }) => {
  const certificate = await web!.issue(
    servers.flatMap(({ hosts }) => hosts).map((value) => ({ type: 'dns' as const, value })),
  );
  const document: ConfigurationDocument = {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: servers.map(({ hosts, tls }, index) => ({
          port: { number: 443, name: `s${index}`, protocol: 'HTTPS' as const },
          hosts,
          tls: { mode: 'SIMPLE', credentialName: 'web', ...tls },
        })),
      },
    },
    routes: {
      app: {
        hosts: servers.flatMap(({ hosts }) => hosts),
        gateways: ['web'],
        http: [{ route: [{ destination: { upstream: 'app' } }] }],
      },
    },
    upstreams: { app: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] } },
    certificates: { web: { certificateChain: certificate.certificateChain } },
    trustBundles: { clients: bundle },
  };
  documents[tenant] = document;
  return feed.tell(tenant, document, { web: certificate.privateKey });
};
const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
const rejections = () => (feed.nodes[0]?.rejections ?? []).filter(({ over }) => !over);
const stat = async (name: string): Promise<number> =>
  Number((await envoy.admin(`/stats?filter=^${name}$`)).body.split(': ')[1] ?? 0);
const seen = (answer: Awaited<ReturnType<typeof visit>>) =>
  answer === 'refused' ? {} : (JSON.parse(answer.body) as { headers: Record<string, string> }).headers;

const MUTUAL = { mode: 'MUTUAL', caCertificates: 'clients' } as const;
const ACME: Servers = [
  { hosts: ['public.acme.test', 'open.below.acme.test'] },
  { hosts: ['secret.acme.test', '*.below.acme.test'], tls: MUTUAL },
  { hosts: ['maybe.acme.test'], tls: { mode: 'OPTIONAL_MUTUAL', caCertificates: 'clients' } },
  { hosts: ['named.acme.test'], tls: { ...MUTUAL, subjectAltNames: ['spiffe://acme/alice', '192.0.2.7'] } },
];

beforeAll(async () => {
  port = await freePort();
  echo = await startEcho();
  [web, acme, beta] = [
    await TestAuthority.create('Web'),
    await TestAuthority.create('A'),
    await TestAuthority.create('B'),
  ];
  alice = await acme.issue([
    { type: 'url', value: 'spiffe://acme/alice' },
    { type: 'dns', value: 'alice.acme' },
  ]);
  bob = await acme.issue([{ type: 'dns', value: 'bob.acme' }]);
  revoked = await acme.issue([{ type: 'dns', value: 'old.acme' }], { serialNumber: '0badcafe' });
  other = await beta.issue([{ type: 'url', value: 'spiffe://acme/alice' }]);
  const ports = [{ number: 443, bind: port, protocol: 'HTTPS' as const }];
  feed = await Feed.start({ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports });
  envoy = await runBeside(feed.folder, 'edge');
  await live(await tell('acme', ACME, { certificates: acme.pem, crl: await acme.revoke('0badcafe') }));
  await live(await tell('beta', [{ hosts: ['secret.beta.test'], tls: MUTUAL }], { certificates: beta.pem }));
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  echo?.server.close();
});

test.each<[string, string, () => Pair | undefined, number | 'refused']>([
  ['a public host, without a certificate', 'public.acme.test', () => undefined, 200],
  ['a public host, with a certificate of any CA', 'public.acme.test', () => other, 200],
  ['an mTLS host, with a certificate', 'secret.acme.test', () => alice, 200],
  ['an mTLS host, again: it is loaded now', 'secret.acme.test', () => alice, 200],
  ['an mTLS host, with the server name in capitals', 'SECRET.acme.test', () => alice, 200],
  ['an mTLS host, without a certificate', 'secret.acme.test', () => undefined, 'refused'],
  ['an mTLS host, with a certificate of the CA of another tenant', 'secret.acme.test', () => other, 'refused'],
  ['an mTLS host, with a revoked certificate', 'secret.acme.test', () => revoked, 'refused'],
  ['the mTLS host of another tenant', 'secret.beta.test', () => other, 200],
  ['the mTLS host of another tenant, with a certificate of the wrong CA', 'secret.beta.test', () => alice, 'refused'],
  ['a host under an mTLS wildcard', 'x.y.below.acme.test', () => alice, 200],
  ['a host under an mTLS wildcard, without a certificate', 'x.below.acme.test', () => undefined, 'refused'],
  ['a public host under an mTLS wildcard', 'open.below.acme.test', () => undefined, 200],
  ['a host that may get a certificate, without one', 'maybe.acme.test', () => undefined, 200],
  ['a host that may get a certificate, with one', 'maybe.acme.test', () => bob, 200],
  ['a host that may get a certificate, with one of another CA', 'maybe.acme.test', () => other, 'refused'],
  ['a host with a list of names, with one of them', 'named.acme.test', () => alice, 200],
  ['a host with a list of names, with another name', 'named.acme.test', () => bob, 'refused'],
])('%s', async (_, host, pair, expected) => {
  const answer = await visit(port, host, { pair: pair() });
  expect(answer === 'refused' ? answer : answer.status).toBe(expected);
});

describe('a request whose host is not the server name', () => {
  test.each<[string, string, string, number]>([
    ['asks for an mTLS host on a public connection', 'public.acme.test', 'secret.acme.test', 421],
    ['asks for a host under an mTLS wildcard on a public connection', 'public.acme.test', 'x.below.acme.test', 421],
    ['asks for a host that may get a certificate', 'public.acme.test', 'maybe.acme.test', 421],
    ['asks for the mTLS host of another tenant', 'public.acme.test', 'secret.beta.test', 421],
    ['asks for a public host on an mTLS connection', 'secret.acme.test', 'public.acme.test', 421],
    ['asks for an mTLS host with another list of names', 'secret.acme.test', 'named.acme.test', 421],
    ['asks for an mTLS host with the same settings', 'secret.acme.test', 'x.below.acme.test', 421],
    ['asks for another host under the same wildcard', 'x.below.acme.test', 'y.below.acme.test', 421],
    ['asks for the mTLS host of another tenant on an mTLS connection', 'secret.acme.test', 'secret.beta.test', 421],
    ['asks for a host that nobody has', 'secret.acme.test', 'nobody.test', 421],
    ['asks for a public host below the wildcard', 'x.below.acme.test', 'open.below.acme.test', 421],
    ['asks for its own host in another spelling', 'secret.acme.test', 'Secret.ACME.test.:8443', 200],
    ['asks for its own host under the wildcard in another spelling', 'x.below.acme.test', 'X.below.acme.TEST:1', 200],
  ])('%s', async (_, servername, host, status) => {
    for (const headers of [{}, { 'x-gatehouse-scope': `443|${host}`, 'x-gatehouse-server-name': 'covered' }])
      expect(await visit(port, servername, { host, pair: alice, headers })).toMatchObject({ status });
    if (host.toLowerCase().includes('acme') || servername === 'secret.acme.test')
      expect(explained(servername, host).outcome).toBe(status === 421 ? 'misdirected' : 'matched');
  });

  it('asks over HTTP/2', async () => {
    const session = http2(port, 'secret.acme.test', alice);
    expect(await over(session, 'secret.acme.test')).toBe(200);
    expect(await over(session, 'public.acme.test')).toBe(421);
    expect(await over(session, 'named.acme.test')).toBe(421);
    session.close();
  });
});

it('explain says which handshakes fail without a certificate', async () => {
  for (const host of [
    'public.acme.test',
    'secret.acme.test',
    'x.below.acme.test',
    'open.below.acme.test',
    'maybe.acme.test',
  ]) {
    const isRefused = (await visit(port, host)) === 'refused';
    expect([host, explained(host, host, false).outcome]).toEqual([host, isRefused ? 'refused' : 'matched']);
    expect(explained(host, host).outcome).toBe('matched');
  }
});

describe('the header with the client’s identity', () => {
  const claimed = { 'x-forwarded-client-cert': 'URI=spiffe://acme/root' };

  it('holds what the certificate says', async () => {
    const header = seen(await visit(port, 'secret.acme.test', { pair: alice, headers: claimed }))[
      'x-forwarded-client-cert'
    ];
    expect(header).toMatch(/^Hash=[0-9a-f]{64};/);
    expect(header).toContain('URI=spiffe://acme/alice');
    expect(header).toContain('DNS=alice.acme');
    expect(header).not.toContain('root');
  });

  it.each(['public.acme.test', 'maybe.acme.test'])('is absent without a certificate, on %s', async (host) => {
    expect(seen(await visit(port, host, { headers: claimed }))).not.toHaveProperty('x-forwarded-client-cert');
  });
});

describe('a change', () => {
  it('of the hosts of a profile is an in-place update that closes no connection', async () => {
    const hosts = ['public.acme.test', 'secret.acme.test', 'x.below.acme.test', 'secret.beta.test'];
    const open = await Promise.all(
      hosts.map((host) => {
        const pair = host.includes('beta') ? other : alice;
        return Conn.open(port, host, { cert: pair!.certificateChain, key: pair!.privateKey });
      }),
    );
    const before = await stat('listener_manager.listener_in_place_updated');
    const more: Servers = [
      ...ACME.slice(0, 1),
      { ...ACME[1]!, hosts: [...ACME[1]!.hosts, 'new.acme.test'] },
      ...ACME.slice(2),
    ];
    await live(await tell('acme', more, { certificates: acme!.pem }));
    expect(await visit(port, 'new.acme.test')).toBe('refused');
    expect(await visit(port, 'new.acme.test', { pair: alice })).toMatchObject({ status: 200 });
    expect(await stat('listener_manager.listener_in_place_updated')).toBe(before + 1);
    expect(await stat('listener_manager.total_filter_chains_draining')).toBe(0);
    for (const [index, conn] of open.entries()) expect((await conn.get(hosts[index]!)).status).toBe(200);
    for (const conn of open) conn.close();
  });

  it('from public to mTLS applies to connections that are open', async () => {
    const plain: Servers = [{ hosts: ['host.beta.test'] }, { hosts: ['secret.beta.test'], tls: MUTUAL }];
    await live(await tell('beta', plain, { certificates: beta!.pem }));
    const conn = await Conn.open(port, 'host.beta.test');
    expect((await conn.get('host.beta.test')).status).toBe(200);
    await live(
      await tell('beta', [{ hosts: ['host.beta.test', 'secret.beta.test'], tls: MUTUAL }], { certificates: beta!.pem }),
    );
    expect((await conn.get('host.beta.test')).status).toBe(421);
    conn.close();
    expect(await visit(port, 'host.beta.test')).toBe('refused');
    expect(await visit(port, 'host.beta.test', { pair: other })).toMatchObject({ status: 200 });
  });

  it('of the CA applies to new connections and changes no listener', async () => {
    const updates = await stat('listener_manager.listener_in_place_updated');
    await live(
      await tell('beta', [{ hosts: ['host.beta.test', 'secret.beta.test'], tls: MUTUAL }], { certificates: acme!.pem }),
    );
    await until('the new CA', async () => (await visit(port, 'secret.beta.test', { pair: alice })) !== 'refused');
    expect(await visit(port, 'secret.beta.test', { pair: other })).toBe('refused');
    expect(await stat('listener_manager.listener_in_place_updated')).toBe(updates);
  });
});

it('a chain that Envoy rejects affects only its tenant', async () => {
  const tls = { cipherSuites: ['NO-SUCH-SUITE' as never] };
  await live(
    await tell('gamma', [{ hosts: ['bad.gamma.test'], tls }, { hosts: ['good.gamma.test'] }], {
      certificates: beta!.pem,
    }),
  );
  await until('the rejection', () => rejections().length > 0);
  expect(rejections()).toMatchObject([{ tenant: 'gamma', message: expect.stringContaining('NO-SUCH-SUITE') }]);
  expect(await visit(port, 'bad.gamma.test')).toBe('refused');
  expect(await visit(port, 'good.gamma.test')).toMatchObject({ status: 200 });
  expect(await visit(port, 'secret.acme.test', { pair: alice })).toMatchObject({ status: 200 });
  await live(await tell('delta', [{ hosts: ['secret.delta.test'], tls: MUTUAL }], { certificates: beta!.pem }));
  expect(await visit(port, 'secret.delta.test', { pair: other })).toMatchObject({ status: 200 });
});
