import { expect, test } from 'vitest';
import { automaticNames } from '../../model/automatic-certificates.ts';
import { attachedNames, sharesAutomatic } from '../../model/binding/attached-names.ts';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import { kinds } from '../../model/kinds/index.ts';

const server = (name: string, hosts: string[], more: object = {}) => ({
  port: { number: 443, name, protocol: 'HTTPS' },
  hosts,
  tls: { mode: 'SIMPLE', credentialName: 'auto' },
  ...more,
});
const configuration = (servers: object[], more: object = {}) =>
  Configuration.fromDocument({
    certificates: { auto: { acme: {} }, dns: { acme: { challenge: 'DNS-01' } }, own: { certificateChain: '' } },
    gateways: { web: { selector: { ingress: 'public' }, servers } },
    ...more,
  } as never);
const errors = (servers: object[], more: object = {}) =>
  check(configuration(servers, more)).errors.map(({ resource, path, code }) => `${resource} ${path} ${code}`);

test('the names are the hosts of the servers that name a certificate with acme, each once', () => {
  const own = { tls: { mode: 'SIMPLE', credentialName: 'own' } };
  const dns = { tls: { mode: 'SIMPLE', credentialName: 'dns' } };
  const found = configuration([
    server('a', ['b.test', 'a.test']),
    server('b', ['c.test'], own),
    server('c', ['*.d.test'], dns),
  ]);
  expect(automaticNames(found)).toEqual([
    { name: '*.d.test', certificate: 'dns', challenge: 'DNS-01' },
    { name: 'a.test', certificate: 'auto', challenge: 'any' },
    { name: 'b.test', certificate: 'auto', challenge: 'any' },
  ]);
  expect(automaticNames(Configuration.empty)).toEqual([]);
});

test('a wildcard needs DNS-01, and * gets no certificate', () => {
  const dns = { tls: { mode: 'SIMPLE', credentialName: 'dns' } };
  expect(errors([server('a', ['*.a.test'])])).toEqual(['gateways/web /servers/0/hosts/0 wildcard-not-automatic']);
  expect(errors([server('a', ['*.a.test'], dns)])).toEqual([]);
  expect(errors([server('a', ['*'], dns)])).toEqual(['gateways/web /servers/0/hosts/0 wildcard-not-automatic']);
});

test('each host that another tenant attaches gets a certificate, unless one of the owner covers it', () => {
  const dns = { tls: { mode: 'SIMPLE', credentialName: 'dns' } };
  const own = { tls: { mode: 'SIMPLE', credentialName: 'own' } };
  const shared = (name: string, hosts: string[], more: object = {}) =>
    server(name, hosts, { allowedRoutes: { tenants: 'all' }, ...more });
  const servers = [
    shared('a', ['*.a.test', '*']),
    shared('b', ['*.b.test'], dns),
    shared('c', ['*.c.test'], own),
    server('d', ['*.d.test'], dns),
  ];
  expect(errors(servers)).toEqual([]);
  const found = configuration(servers);
  expect(automaticNames(found).map(({ name }) => name)).toEqual(['*.b.test', '*.d.test']);
  expect(sharesAutomatic(found)).toBe(true);
  expect(
    attachedNames(found, 'owner', [
      ['books', ['x.a.test', 'x.b.test', 'x.c.test', 'x.d.test']],
      ['music', ['music.test', 'y.a.test']],
    ]),
  ).toEqual([
    { name: 'music.test', certificate: 'auto', challenge: 'any' },
    { name: 'x.a.test', certificate: 'auto', challenge: 'any' },
    { name: 'y.a.test', certificate: 'auto', challenge: 'any' },
  ]);
  expect(sharesAutomatic(configuration([server('a', ['a.test']), shared('c', ['*.c.test'], own)]))).toBe(false);
});

test('it cannot be one of two, serve HTTP/3, be another one elsewhere, or be shown to upstreams', () => {
  const pair = { tls: { mode: 'SIMPLE', credentialNames: ['auto', 'own'] } };
  expect(errors([server('a', ['a.test'], pair)])).toContain(
    'gateways/web /servers/0/tls/credentialNames automatic-in-pair',
  );
  expect(errors([server('a', ['a.test'], { http3: true })])).toContain('gateways/web /servers/0/http3 automatic-http3');
  const other = {
    port: { number: 8443, name: 'b', protocol: 'HTTPS' },
    tls: { mode: 'SIMPLE', credentialName: 'own' },
  };
  expect(errors([server('a', ['a.test']), server('b', ['a.test'], other)])).toContain(
    'gateways/web /servers/1/tls/credentialName certificate-conflict',
  );
  const upstreams = { app: { port: 1, endpoints: [], tls: { mode: 'MUTUAL', credentialName: 'auto' } } };
  expect(errors([server('a', ['a.test'])], { upstreams })).toContain(
    'upstreams/app /tls/credentialName automatic-client',
  );
});

test('a certificate has either a chain or acme', () => {
  const codes = (input: object) =>
    kinds.certificate.input.safeParse(input).error?.issues.map(({ path }) => path.join('/')) ?? [];
  expect(codes({ acme: {} })).toEqual([]);
  expect(codes({})).toEqual(['certificateChain']);
  expect(codes({ acme: {}, privateKey: 'x', certificateChain: 'y' })).toEqual(
    expect.arrayContaining(['certificateChain', 'privateKey']),
  );
});
