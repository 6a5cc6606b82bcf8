import { describe, expect, test } from 'vitest';
import { scopeTable } from '../../model/binding/scope-table.ts';
import { checkOnFleets, routesWithoutFleet } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { withoutPauses } from '../../model/pausable.ts';
import { HostPattern } from '../../model/values/host.ts';
import { publicSuffix } from '../../model/values/public-suffix.ts';

const shared: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [{ number: 80, bind: 10080, protocol: 'HTTP' }],
  denyDestinations: ['10.0.0.0/8'],
};
const own: Fleet = { ...shared, name: 'own', tenant: 'acme' };
const http = (number: number, ...hosts: string[]) => ({
  port: { number, name: `http-${number}`, protocol: 'HTTP' as const },
  hosts: hosts.map((host) => HostPattern.parse(host)),
});
const gateways = (...servers: ReturnType<typeof http>[]) =>
  Configuration.fromDocument({ gateways: { edge: { selector: { ingress: 'public' }, servers } } });

describe('a host pattern', () => {
  test.for([
    // Listed suffixes, exact and as wildcards; upper case and one trailing dot are normalized before.
    ['com', 'com'],
    ['*.com', 'com'],
    ['co.uk', 'co.uk'],
    ['*.CO.UK.', 'co.uk'],
    // Suffixes of the private section of the list.
    ['github.io', 'github.io'],
    ['*.github.io', 'github.io'],
    // Suffixes in other scripts, as host names encode them.
    ['*.xn--fiqs8s', 'xn--fiqs8s'],
    ['xn--55qx5d.cn', 'xn--55qx5d.cn'],
    // The rule `*.ck` makes every name below `ck` a suffix, except for www.ck.
    ['shop.ck', 'shop.ck'],
    ['*.kawasaki.jp', 'kawasaki.jp'],
    ['*.ck', 'ck'],
    // Single labels, on the list or not.
    ['localhost', 'localhost'],
    ['*.internal', 'internal'],
    ['test', 'test'],
  ])('%s covers the public suffix %s', ([host, suffix]) => {
    expect(publicSuffix(HostPattern.parse(host))).toBe(suffix);
  });

  test.for([
    'example.com',
    '*.example.com',
    'shop.co.uk',
    '*.shop.co.uk',
    'acme.github.io',
    '*.acme.github.io',
    'www.ck',
    '*.city.kawasaki.jp',
    'a.internal',
    '*.a.test',
    '127.0.0.1',
    '_dns.example.com',
  ])('%s covers no public suffix', (host) => {
    expect(publicSuffix(host)).toBeUndefined();
  });
});

describe('on a shared fleet', () => {
  test('each host that no tenant owns is an error; on a fleet of one tenant it is not', () => {
    const taking = gateways(http(80, 'shop.example.com', '*.co.uk', 'github.io'), http(80, '*'));
    const found = checkOnFleets(taking, 'acme', [shared]).errors.map(({ code, path }) => `${code} ${path}`);
    expect(found).toEqual([
      'public-suffix /servers/0/hosts/1',
      'public-suffix /servers/0/hosts/2',
      'wildcard-on-shared-fleet /servers/1/hosts/0',
    ]);
    expect(checkOnFleets(taking, 'acme', [own]).errors).toEqual([]);
  });

  test.each(['127.0.0.1', '*.0.1', '*.3.4', '*.10', 'a.0x7f', '*.0x', 'none.invalid', '*.a.invalid'])(
    '%s is an error, because no tenant can own such a host',
    (host) => {
      const codes = (fleet: Fleet) =>
        checkOnFleets(gateways(http(80, host)), 'acme', [fleet]).errors.map(({ code }) => code);
      expect(codes(shared)).toEqual(['not-a-name']);
      expect(codes(own)).toEqual([]);
    },
  );

  test('hosts that no tenant owns are not served, even if they were accepted before', () => {
    const taking = gateways(http(80, 'shop.example.com', '*.co.uk', '*'), http(81, 'closed.example.com'));
    const hosts = (fleet: Fleet) => scopeTable(taking, 'acme', fleet).scopes.map(({ port, host }) => `${port}|${host}`);
    expect(hosts(shared)).toEqual(['80|shop.example.com']);
    expect(hosts(own)).toEqual(['80|*', '80|*.co.uk', '80|shop.example.com']);
  });

  test('the wildcard of a public suffix does not serve routes for hosts below it', () => {
    const configuration = gateways(http(80, '*.co.uk')).with('route', 'shop', {
      hosts: ['shop.co.uk'],
      gateways: ['edge'],
      http: [{ directResponse: { status: 200 } }],
    });
    expect(scopeTable(configuration, 'acme', shared).scopes).toEqual([]);
  });
});

describe('a route whose gateway no fleet serves', () => {
  const selector = { ingress: 'public' };
  const route = (gateway: string) => ({
    hosts: [HostPattern.parse('a.acme.test')],
    gateways: [gateway],
    http: [{ directResponse: { status: 200 } }],
  });
  const warned = (...servers: ReturnType<typeof http>[]) => {
    const configuration = Configuration.fromDocument({
      gateways: { edge: { selector, servers: [http(80, 'a.acme.test')] }, other: { selector, servers } },
      routes: { served: route('edge'), left: route('other') },
    });
    return withoutPauses(routesWithoutFleet(configuration, 'acme', [shared], ['served', 'left'])).map(
      ({ resource, path, code }) => [resource, path, code],
    );
  };

  test('gets a warning when the fleet does not offer the port', () =>
    expect(warned(http(81, 'a.acme.test'))).toEqual([['routes/left', '/gateways', 'no-fleet']]));

  test('gets a warning when the shared fleet serves none of the hosts', () =>
    expect(warned(http(80, '*', '*.com'))).toEqual([['routes/left', '/gateways', 'no-fleet']]));

  test('gets no warning when one host of one server is served', () =>
    expect(warned(http(81, 'b.acme.test'), http(80, '*', 'b.acme.test'))).toEqual([]));
});
