/** Versions, cipher suites, application protocols, pairs of certificates and redirects to https, on a real Envoy. */
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { check } from '../../../model/check/index.ts';
import { Configuration, type ConfigurationDocument } from '../../../model/configuration.ts';
import { explain } from '../../../model/explain/explain.ts';
import type { ServerTls } from '../../../model/kinds/server-tls.ts';
import { CipherSuite } from '../../../model/values/tls.ts';
import { Feed } from '../../dataplane/feed.ts';
import { until } from '../../e2e/process.ts';
import { freePort } from '../../e2e/stack.ts';
import { raw } from '../edge.ts';
import type { RunningEnvoy } from '../run.ts';
import { runBeside } from '../run-beside.ts';
import { Conn, type Pair, TestAuthority, visit } from './clients.ts';

let feed: Feed;
let envoy: RunningEnvoy;
let port: number;
let http: number;
/** The port 8443, on which hosts have other certificates than on 443. */
let second: number;
let document: ConfigurationDocument;
const PAIRS = ['ecdsa', 'rsa'] as const;

const SERVERS: Record<string, Partial<ServerTls>> = {
  'plain.test': {},
  'new.test': { minProtocolVersion: 'TLSV1_3' },
  'middle.test': { maxProtocolVersion: 'TLSV1_2' },
  'old.test': { minProtocolVersion: 'TLSV1_0', cipherSuites: ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-SHA'] },
  'suite.test': { cipherSuites: ['ECDHE-ECDSA-AES256-GCM-SHA384'] },
  'suites.test': { cipherSuites: [...CipherSuite.options] },
  'alpn.test': { alpn: ['http/1.1'] },
  'pair.test': { credentialNames: [...PAIRS] },
  'strict.pair.test': { credentialNames: [...PAIRS], minProtocolVersion: 'TLSV1_3' },
};

beforeAll(async () => {
  [port, http, second] = [await freePort(), await freePort(), await freePort()];
  const ca = await TestAuthority.create();
  const names = Object.keys(SERVERS).map((value) => ({ type: 'dns' as const, value }));
  const certificates: Record<string, Pair> = {
    ecdsa: await ca.issue(names),
    rsa: await ca.issue(names, { isRsa: true }),
  };
  const ports = [
    { number: 80, bind: http, protocol: 'HTTP' as const },
    { number: 443, bind: port, protocol: 'HTTPS' as const },
    { number: 8443, bind: second, protocol: 'HTTPS' as const },
  ];
  const fleet = { name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports };
  feed = await Feed.start(fleet);
  envoy = await runBeside(feed.folder, 'edge');
  const redirecting = (name: string, hosts: string[]) => ({
    port: { number: 80, name, protocol: 'HTTP' as const },
    hosts,
    tls: { httpsRedirect: true },
  });
  document = {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          ...Object.entries(SERVERS).map(([host, { credentialNames, ...tls }], index) => ({
            port: { number: 443, name: `s${index}`, protocol: 'HTTPS' as const },
            hosts: [host],
            tls: {
              mode: 'SIMPLE' as const,
              ...(credentialNames ? { credentialNames } : { credentialName: 'ecdsa' }),
              ...tls,
            },
          })),
          {
            port: { number: 8443, name: 'second', protocol: 'HTTPS' as const },
            hosts: ['plain.test', 'new.test'],
            tls: { mode: 'SIMPLE' as const, credentialName: 'rsa' },
          },
          redirecting('redirect', ['plain.test', 'unrouted.test', '*.wild.test']),
        ],
      },
    },
    routes: {
      app: { hosts: Object.keys(SERVERS), gateways: ['web'], http: [{ directResponse: { status: 200, body: 'in' } }] },
    },
    certificates: Object.fromEntries(
      Object.entries(certificates).map(([name, { certificateChain }]) => [name, { certificateChain }]),
    ),
  };
  const keys = Object.fromEntries(Object.entries(certificates).map(([name, { privateKey }]) => [name, privateKey]));
  const seq = feed.tell('acme', document, keys);
  await until('everything to be live', () => (feed.nodes[0]?.live ?? 0) >= seq);
  expect(feed.nodes[0]!.rejections).toEqual([]);
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
});

const version = (name: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => ({
  minVersion: name,
  maxVersion: name,
  ...(name < 'TLSv1.2' && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
});

test.each<[string, Parameters<typeof version>[0], boolean]>([
  ['plain.test', 'TLSv1.1', false],
  ['plain.test', 'TLSv1.2', true],
  ['plain.test', 'TLSv1.3', true],
  ['new.test', 'TLSv1.2', false],
  ['new.test', 'TLSv1.3', true],
  ['middle.test', 'TLSv1.2', true],
  ['middle.test', 'TLSv1.3', false],
  ['old.test', 'TLSv1', true],
  ['old.test', 'TLSv1.1', true],
  ['old.test', 'TLSv1.3', true],
  ['strict.pair.test', 'TLSv1.2', false],
  ['suites.test', 'TLSv1.2', true],
])('%s serves a %s client: %s', async (host, name, isServed) => {
  const answer = await visit(port, host, version(name));
  expect(answer === 'refused' ? answer : answer.status).toBe(isServed ? 200 : 'refused');
});

describe('a connection', () => {
  const open = (host: string, options = {}) => Conn.open(port, host, options);

  it('has a cipher suite of the server’s list', async () => {
    const conn = await open('suite.test', version('TLSv1.2'));
    expect(conn.socket.getCipher().name).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
    conn.close();
    const other = { ...version('TLSv1.2'), ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' };
    expect(await visit(port, 'suite.test', other)).toBe('refused');
  });

  it.each([
    ['plain.test', 'h2'],
    ['alpn.test', 'http/1.1'],
  ])('of a client that prefers h2 to %s speaks %s', async (host, protocol) => {
    const conn = await open(host, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(conn.socket.alpnProtocol).toBe(protocol);
    conn.close();
  });

  it.each(['pair.test', 'strict.pair.test'])('to %s gets the certificate that the client can verify', async (host) => {
    const isStrict = host.startsWith('strict');
    const kinds = ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256'];
    const found: (string | undefined)[] = [];
    for (const sigalgs of kinds) {
      const conn = await open(host, { sigalgs, ...(isStrict ? {} : version('TLSv1.2')) });
      found.push((conn.socket.getPeerCertificate() as { asn1Curve?: string }).asn1Curve ?? 'RSA');
      expect((await conn.get(host)).status).toBe(200);
      conn.close();
    }
    expect(found).toEqual(['prime256v1', 'RSA']);
  });
});

describe('a host with different certificates on two ports', () => {
  const kindOn = async (on: number, host: string) => {
    const conn = await Conn.open(on, host);
    const kind = (conn.socket.getPeerCertificate() as { asn1Curve?: string }).asn1Curve ?? 'RSA';
    const { status } = await conn.get(host);
    conn.close();
    return [kind, status];
  };

  it.each(['plain.test', 'new.test'])('%s has the one of each port, cold and warm', async (host) => {
    for (let visits = 0; visits < 2; visits++)
      expect([await kindOn(second, host), await kindOn(port, host)]).toEqual([
        ['RSA', 200],
        ['prime256v1', 200],
      ]);
  });

  it('is valid, and so is explained', () => {
    const configuration = Configuration.fromDocument(document);
    expect(check(configuration).errors).toEqual([]);
    const fleet = {
      name: 'edge',
      labels: { ingress: 'public' },
      ports: [443, 8443].map((number) => ({ number, bind: number, protocol: 'HTTPS' as const })),
    };
    for (const at of [443, 8443])
      expect(explain(configuration, 'acme', fleet, { authority: 'plain.test', port: at })).toMatchObject({
        outcome: 'matched',
        port: at,
      });
  });
});

describe('a redirect to https', () => {
  test.each<[string, string, string]>([
    ['of a host with a route', 'plain.test', 'https://plain.test/a?b=c'],
    ['of a host without a route', 'unrouted.test', 'https://unrouted.test/a?b=c'],
    ['of a host with a port, which is mapped', 'plain.test:10080', 'https://plain.test/a?b=c'],
    ['of a host under a wildcard with a port', 'X.wild.test:10080', 'https://X.wild.test/a?b=c'],
  ])('%s names no port', async (_, host, location) => {
    for (let visits = 0; visits < 2; visits++) {
      const text = `GET /a?b=c HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
      const [answer] = await raw({ port: http }, text);
      expect(answer).toMatchObject({ status: 301, headers: { location: [location] } });
    }
    const fleet = {
      name: 'edge',
      labels: { ingress: 'public' },
      ports: [{ number: 80, bind: 1, protocol: 'HTTP' as const }],
    };
    const configuration = Configuration.fromDocument(document);
    expect(explain(configuration, 'acme', fleet, { authority: host, path: '/a?b=c' })).toMatchObject({
      outcome: 'redirect',
      status: 301,
      location,
    });
  });
});
