import { expect, test } from 'vitest';
import { FleetCreate } from '../../../api/fleets/schema.ts';
import { Upstream } from '../../../model/kinds/upstream.ts';

const port = { number: 80, bind: 80, protocol: 'HTTP' };
const paths = (
  schema: { safeParse(body: unknown): { error?: { issues: { path: PropertyKey[] }[] } | undefined } },
  body: object,
) => (schema.safeParse(body).error?.issues ?? []).map(({ path }) => path.join('/'));
const trusted = { trustedPeers: ['10.1.2.3/8'] };

test.each<[string, object, string[]]>([
  ['trusted peers', { proxyProtocol: trusted }, []],
  ['no trusted peers', { proxyProtocol: { trustedPeers: [] } }, ['ports/0/proxyProtocol/trustedPeers']],
  ['trusted peers on TCP', { protocol: 'TCP', proxyProtocol: trusted }, []],
  ['trusted peers on UDP', { protocol: 'UDP', proxyProtocol: trusted }, ['ports/0/proxyProtocol']],
  ['limits', { headers: { underscores: 'allow', maxKilobytes: 1024, maxCount: 20 } }, []],
  ['too small a limit', { headers: { maxCount: 19 } }, ['ports/0/headers/maxCount']],
  ['limits on TCP', { protocol: 'TCP', headers: { maxCount: 50 } }, ['ports/0/headers']],
  ['an idle timeout', { idleTimeout: '10m' }, []],
  ['no idle time', { idleTimeout: '0s' }, ['ports/0/idleTimeout']],
  ['an idle timeout on TCP', { protocol: 'TCP', idleTimeout: '10m' }, ['ports/0/idleTimeout']],
])('a port with %s', (_, settings, expected) => {
  expect(paths(FleetCreate, { name: 'edge', ports: [{ ...port, ...settings }] })).toEqual(expected);
});

const upstream = { port: 443, protocol: 'HTTP3', endpoints: [{ address: '192.0.2.1' }] };
const tls = { caCertificates: 'own', sni: 'a.internal' };

test.each<[string, object, string[]]>([
  ['tls', { tls }, []],
  ['no tls', {}, ['protocol']],
  ['a PROXY protocol header', { tls, proxyProtocol: 'V2' }, ['proxyProtocol']],
  ['health checks', { tls, healthChecks: [{ http: { path: '/' } }] }, ['healthChecks']],
])('an upstream over HTTP/3 with %s', (_, settings, expected) => {
  expect(paths(Upstream, { ...upstream, ...settings })).toEqual(expected);
});
