import { expect, it, test } from 'vitest';
import { scopeTable } from '../../model/binding/scope-table.ts';
import { unservedBy } from '../../model/check/fleet-change.ts';
import { checkOnFleets } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Gateway } from '../../model/kinds/gateway.ts';
import { withoutPauses } from '../../model/pausable.ts';
import { parse } from '../../model/violations.ts';

const TLS = { mode: 'SIMPLE', credentialName: 'web' };
const server = { port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: ['a.test'], http3: true, tls: TLS };
const violations = (changes: object) => {
  const parsed = parse('gateway', 'g', { selector: { a: 'b' }, servers: [{ ...server, ...changes }] });
  return parsed.ok ? [] : parsed.violations.map(({ path, code }) => `${path} ${code}`);
};

test.each<[string, object, string[]]>([
  ['an HTTPS server', {}, []],
  ['client certificates', { tls: { ...TLS, mode: 'MUTUAL', caCertificates: 'clients' } }, []],
  [
    'an HTTP server',
    { port: { ...server.port, protocol: 'HTTP' }, tls: undefined },
    ['/servers/0/http3 without-effect'],
  ],
  ['passthrough', { tls: { mode: 'PASSTHROUGH' } }, ['/servers/0/http3 conflicting-fields']],
  [
    'TLS 1.2 alone',
    { tls: { ...TLS, maxProtocolVersion: 'TLSV1_2' } },
    ['/servers/0/tls/maxProtocolVersion conflicting-fields'],
  ],
  ['TLS 1.2 alone, without http3', { http3: false, tls: { ...TLS, maxProtocolVersion: 'TLSV1_2' } }, []],
])('http3 with %s', (_, changes, expected) => expect(violations(changes)).toEqual(expected));

const https = { number: 443, bind: 8443, protocol: 'HTTPS' as const };
const fleet = (name: string, ...more: Fleet['ports']): Fleet => ({ name, labels: { a: 'b' }, ports: [https, ...more] });
const plain = fleet('plain', { number: 53, bind: 53, protocol: 'UDP' });
const sameNumber = fleet('number', { number: 443, bind: 9443, protocol: 'UDP' });
const sameBind = fleet('bind', { number: 53, bind: 8443, protocol: 'UDP' });
const gateway = Gateway.parse({ selector: { a: 'b' }, servers: [server] });
const configuration = Configuration.fromDocument({ gateways: { g: gateway } });

it('is impossible on a fleet that offers the UDP port to tenants', () => {
  const check = (...fleets: Fleet[]) => {
    const { errors, warnings } = checkOnFleets(configuration, 'acme', fleets);
    return { errors: errors.map(({ message }) => message), warnings: warnings.map(({ path }) => path) };
  };
  expect(check(plain)).toEqual({ errors: [], warnings: [] });
  expect(check(sameNumber).errors).toEqual([
    'HTTP/3 is not served: the fleet number offers UDP port 443 to UDP servers',
  ]);
  expect(check(sameBind).errors).toHaveLength(1);
  const range = (from: number, bind: number) => ({
    ...plain,
    portRanges: [{ from, to: from + 99, bind, protocol: 'UDP' as const }],
  });
  expect([range(400, 400), range(9000, 8400), range(9000, 9000)].map((each) => check(each).errors.length)).toEqual([
    1, 1, 0,
  ]);
  expect(check(plain, sameNumber)).toEqual({ errors: [], warnings: ['/servers/0/http3'] });
  expect(scopeTable(configuration, 'acme', plain).scope(443, 'a.test')?.http3).toBe(true);
  expect(scopeTable(configuration, 'acme', sameNumber).scope(443, 'a.test')?.http3).toBeUndefined();
});

it('is reported when a fleet begins to offer the UDP port', () => {
  const change = { before: plain, after: { ...sameNumber, name: 'plain' }, others: [] };
  const found = withoutPauses(unservedBy(change, 'acme', [['g', gateway]], []));
  expect(found.map(({ path, code }) => `${path} ${code}`)).toEqual(['/servers/0/http3 http3-not-offered']);
});
