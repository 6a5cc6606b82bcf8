/** Random gateways, and random routes of connections through them: what becomes filter chains of listeners. */
import type { Fleet } from '../../../model/fleet.ts';
import type { Random } from './random.ts';
import { network } from './rule-features.ts';
import { host, text, weight } from './values.ts';

/** Listeners of these ports are bound to a free port each. */
export const PORTS: Fleet['ports'] = [
  { number: 80, bind: 0, protocol: 'HTTP' },
  { number: 443, bind: 0, protocol: 'HTTPS' },
  { number: 8443, bind: 0, protocol: 'TLS' },
  { number: 9443, bind: 0, protocol: 'HTTPS', proxyProtocol: { trustedPeers: ['10.0.0.0/8', '::1'] } },
  { number: 5432, bind: 0, protocol: 'POSTGRES' },
  { number: 6000, bind: 0, protocol: 'TCP' },
  { number: 27017, bind: 0, protocol: 'MONGO' },
  { number: 53, bind: 0, protocol: 'UDP' },
];

const protocols = ['HTTP', 'HTTPS', 'GRPC', 'GRPC-WEB', 'HTTP2', 'TCP', 'TLS', 'UDP', 'MONGO', 'POSTGRES'];
const usual: Readonly<Record<string, number>> = {
  HTTP: 80,
  HTTPS: 443,
  TLS: 8443,
  TCP: 6000,
  UDP: 53,
  MONGO: 27_017,
  POSTGRES: 5432,
};

export const gateway = (random: Random) => ({
  selector: { ingress: 'drill' },
  servers: random.some(1, 4, () => server(random)),
});

let serial = 0;

function server(random: Random): Record<string, unknown> {
  const protocol = random.chance(50) ? random.pick(['HTTPS', 'TLS']) : random.pick(protocols);
  const number = random.chance(90) ? usual[protocol] : undefined;
  return {
    port: { number: number ?? random.pick([80, 443, 8443, 9443, 6000]), name: `p${serial++}`, protocol },
    hosts: random.some(1, 3, () => host(random)),
    ...(random.chance(protocol === 'HTTPS' || protocol === 'TLS' ? 98 : 30) && { tls: tls(random, protocol) }),
    ...random.maybe(protocol === 'HTTPS' ? 50 : 3, 'http3', () => true),
    ...random.maybe(20, 'escapedSlashes', () => random.pick(['keep', 'redirect', 'reject'])),
  };
}

function tls(random: Random, protocol: string): Record<string, unknown> {
  const mode = random.pick(['SIMPLE', 'SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL', 'PASSTHROUGH', 'AUTO_PASSTHROUGH']);
  const passes = mode.endsWith('PASSTHROUGH');
  const checks = mode.endsWith('MUTUAL');
  const versions = ['TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'];
  return {
    mode,
    ...(!passes && (random.chance(80) ? { credentialName: 'ecdsa' } : { credentialNames: ['rsa', 'ecdsa'] })),
    ...(checks && { caCertificates: random.pick(['ca', 'revoking']) }),
    ...(checks && random.maybe(50, 'subjectAltNames', () => random.some(1, 3, () => subjectAltName(random)))),
    ...(mode === 'OPTIONAL_MUTUAL' && random.maybe(40, 'acceptUntrusted', () => true)),
    ...(!passes && random.maybe(30, 'minProtocolVersion', () => random.pick(versions))),
    ...(!passes && random.maybe(30, 'maxProtocolVersion', () => random.pick(versions))),
    ...(!passes &&
      random.maybe(30, 'cipherSuites', () =>
        random.some(1, 3, () =>
          random.pick(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA', 'AES256-SHA', 'AES128-GCM-SHA256']),
        ),
      )),
    ...(!passes && random.maybe(30, 'alpn', () => random.pick([['h2'], ['http/1.1'], ['http/1.1', 'h2']]))),
    ...(protocol === 'HTTPS' && random.maybe(20, 'sameServerOnly', () => true)),
    ...random.maybe(5, 'httpsRedirect', () => true),
  };
}

export const subjectAltName = (random: Random): string =>
  random.pick([
    'spiffe://mesh/ns/shop',
    'a.test',
    '*.a.test',
    '10.0.0.1',
    '::1',
    'a@b.test',
    'A.Test',
    '%',
    text(random, 4),
  ]);

/** Sections of a route for connections and datagrams. */
export function connectionSections(random: Random, upstreams: readonly string[]): Record<string, unknown> {
  const route = () => {
    const several = random.chance(40);
    return random.some(several ? 2 : 1, several ? 4 : 1, () => ({
      destination: { upstream: random.pick(upstreams) },
      ...((several || random.chance(20)) && { weight: weight(random) }),
    }));
  };
  const match = (ports: readonly number[]) =>
    random.some(1, 3, () => ({
      ...random.maybe(60, 'port', () => random.pick(ports)),
      ...random.maybe(60, 'source', () => random.some(1, 5, () => network(random))),
    }));
  return {
    ...random.maybe(50, 'tcp', () =>
      random.some(1, 4, () => ({
        ...random.maybe(70, 'match', () => match([6000, 5432, 27_017, 8443])),
        route: route(),
      })),
    ),
    ...random.maybe(40, 'udp', () =>
      random.some(1, 3, () => ({
        ...random.maybe(70, 'match', () => match([53])),
        route: [{ destination: { upstream: random.pick(upstreams) } }],
      })),
    ),
    ...random.maybe(60, 'tls', () =>
      random.some(1, 3, () => ({
        match: random.some(1, 2, () => ({
          sniHosts: random.some(1, 3, () => host(random)),
          ...random.maybe(20, 'port', () => random.pick([443, 8443])),
        })),
        route: route(),
      })),
    ),
  };
}
