import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HostBinding, hostBindings } from '../../model/binding/host-bindings.ts';
import { certificateFor, scopeTable } from '../../model/binding/scope-table.ts';
import { affectedBy, check, checking, checkOnFleets, referrers } from '../../model/check/index.ts';
import {
  Configuration,
  type ConfigurationDocument,
  type Resource,
  type WholeConfiguration,
} from '../../model/configuration.ts';
import { diff } from '../../model/diff.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Fleet } from '../../model/fleet.ts';
import type { Route } from '../../model/kinds/route.ts';
import { rulesFor } from '../../model/matching/precedence.ts';
import { withoutPauses } from '../../model/pausable.ts';

/** Returns the bindings of each host of one route. */
function routeBindings(configuration: Configuration, route: string): HostBinding[] {
  for (const found of hostBindings(configuration, [route])) if (found) return found[1];
  return [];
}

const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public', region: 'eu' },
  ports: [
    { number: 80, bind: 10080, protocol: 'HTTP' },
    { number: 443, bind: 10443, protocol: 'HTTPS' },
  ],
  denyDestinations: ['127.0.0.0/8', '169.254.0.0/16', '::1/128'],
};

const http = (...hosts: string[]) => ({ port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts });
const https = (credentialName: string, ...hosts: string[]) => ({
  port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
  hosts,
  tls: { mode: 'SIMPLE' as const, credentialName },
});
const say = (body: string) => ({ directResponse: { status: 200, body } });
const shop: ConfigurationDocument = {
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [http('shop.example', '*.shop.example'), https('shop', '*.shop.example')],
    },
  },
  routes: {
    shop: {
      hosts: ['shop.example', 'www.shop.example'],
      gateways: ['web'],
      http: [
        {
          match: [{ uri: { pathPrefix: '/cart' } }],
          route: [{ destination: { upstream: 'cart', subset: 'v1', port: 80 } }],
        },
      ],
    },
  },
  upstreams: {
    cart: {
      port: 80,
      endpoints: [{ address: '10.0.0.1', labels: { v: '1' } }],
      subsets: [{ name: 'v1', labels: { v: '1' } }],
    },
  },
  certificates: { shop: { certificateChain: 'PEM' } },
};
const change = (alter: (document: WholeConfiguration) => void) => {
  const document = structuredClone(shop) as WholeConfiguration;
  alter(document);
  return Configuration.fromDocument(document);
};
const whole = Configuration.fromDocument(shop);

test('a valid configuration has no errors and no warnings', () =>
  expect(check(whole)).toEqual({ errors: [], warnings: [] }));

test('after a change of one route, the check of this route finds everything', () => {
  const target = fc.constantFrom('cart', 'cort');
  const route = fc.record({
    hosts: fc.subarray(['shop.example', 'b.shop.example', 'other.example'], { minLength: 1 }),
    gateways: fc.subarray(['web', 'wob'], { minLength: 1 }),
    http: fc.array(
      fc.oneof(
        fc.constant(say('all')),
        fc
          .record({ upstream: target, subset: fc.constantFrom('v1', 'v2'), port: fc.constantFrom(80, 81) })
          .map((to) => ({
            match: [{ uri: { pathPrefix: '/cart' } }],
            route: [{ destination: to }],
          })),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(fc.constantFrom('shop', 'new'), route, (name, spec) => {
      const next = whole.with('route', name, spec as Route);
      expect(check(next, { route: [name] })).toEqual(check(next));
    }),
    { seed: 1 },
  );
});

test.each<[string, Parameters<typeof affectedBy>[0][number], (document: WholeConfiguration) => void]>([
  [
    'an upstream that loses a subset',
    { verb: 'put', kind: 'upstream', name: 'cart' },
    (d) => delete d.upstreams.cart!.subsets,
  ],
  ['a deleted upstream', { verb: 'delete', kind: 'upstream', name: 'cart' }, (d) => delete d.upstreams.cart],
  ['a deleted certificate', { verb: 'delete', kind: 'certificate', name: 'shop' }, (d) => delete d.certificates.shop],
  [
    'a gateway that loses a port',
    { verb: 'put', kind: 'gateway', name: 'web' },
    (d) => (d.gateways.web!.servers[0]!.port.name = 'other'),
  ],
  [
    'a gateway that names a missing certificate',
    { verb: 'put', kind: 'gateway', name: 'web' },
    (d) => (d.gateways.web!.servers[1]!.tls!.credentialName = 'none'),
  ],
])('the check of what a change affects finds every error: %s', (_, changed, alter) => {
  const next = change((document) => {
    document.routes.shop!.gateways = ['web:http'];
    alter(document);
  });
  const { errors } = withoutPauses(checking(next, affectedBy([changed])));
  expect(errors).not.toEqual([]);
  expect(errors).toEqual(check(next).errors);
});

describe('check', () => {
  test.each<[string, (document: WholeConfiguration) => void, 'errors' | 'warnings', string, string, string]>([
    [
      'dangling-reference',
      (d) => (d.routes.shop!.gateways = ['wob']),
      'errors',
      'routes/shop',
      '/gateways/0',
      'did you mean "web"?',
    ],
    [
      'dangling-reference',
      (d) => (d.certificates = {}),
      'errors',
      'gateways/web',
      '/servers/1/tls/credentialName',
      'create certificates/shop first, or in the same revision',
    ],
    [
      'unknown-subset',
      (d) => (d.routes.shop!.http![0]!.route![0]!.destination!.subset = 'v2'),
      'errors',
      'routes/shop',
      '/http/0/route/0/destination/subset',
      'did you mean "v1"?',
    ],
    [
      'port-mismatch',
      (d) => (d.routes.shop!.http![0]!.route![0]!.destination!.port = 81),
      'errors',
      'routes/shop',
      '/http/0/route/0/destination/port',
      'leave port out, or write 80',
    ],
    [
      'empty-subset',
      (d) => (d.upstreams.cart!.endpoints[0]!.labels = {}),
      'warnings',
      'upstreams/cart',
      '/subsets/0/labels',
      '',
    ],
    ['no-endpoints', (d) => (d.upstreams.cart!.endpoints = []), 'warnings', 'upstreams/cart', '/endpoints', ''],
    ['unbound-host', (d) => (d.routes.shop!.hosts![1] = 'other.example'), 'warnings', 'routes/shop', '/hosts/1', ''],
    [
      'unreachable-rule',
      (d) => d.routes.shop!.http!.unshift(say('all')),
      'warnings',
      'routes/shop',
      '/http/1/match/0',
      '',
    ],
    [
      'port-protocol-conflict',
      (d) =>
        (d.gateways.zoo = {
          selector: { region: 'eu' },
          servers: [{ ...http('z.example'), port: { number: 443, name: 'x', protocol: 'HTTP' } }],
        }),
      'errors',
      'gateways/zoo',
      '/servers/0/port/protocol',
      'both may be served by one fleet',
    ],
    [
      'certificate-conflict',
      (d) =>
        Object.assign(d, {
          gateways: { ...d.gateways, zoo: { selector: { region: 'eu' }, servers: [https('zoo', '*.shop.example')] } },
          certificates: { ...d.certificates, zoo: { certificateChain: 'PEM' } },
        }),
      'errors',
      'gateways/zoo',
      '/servers/0/tls/credentialName',
      'both may be served by one fleet',
    ],
  ])('reports %s', (code, alter, severity, resource, path, hint) => {
    const found = check(change(alter));
    expect(found[severity]).toMatchObject([{ resource, path, code, ...(hint && { hint }) }]);
    expect(found[severity === 'errors' ? 'warnings' : 'errors']).toEqual([]);
  });

  test('accepts different certificates of a host on two ports, up to a limit, and not beside shared servers', () => {
    const on = (number: number, name: string, certificate: string, hosts = ['c.example']) => ({
      port: { number, name, protocol: 'HTTPS' as const },
      hosts,
      tls: { mode: 'SIMPLE' as const, credentialName: certificate },
    });
    const selector = { region: 'eu' };
    const certificates = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, { certificateChain: 'PEM' }]));
    const codes = (servers: object[], count = 2) =>
      check(
        change((d) =>
          Object.assign(d, { gateways: { two: { selector, servers } }, routes: {}, certificates: certificates(count) }),
        ),
      ).errors.map(({ code, path }) => [code, path]);
    expect(codes([on(443, 'a', 'c0'), on(8443, 'b', 'c1')])).toEqual([]);
    expect(codes([on(443, 'a', 'c0'), on(8443, 'b', 'c0'), on(8443, 'c', 'c1')])).toEqual([
      ['certificate-conflict', '/servers/2/tls/credentialName'],
    ]);
    const shared = { ...on(443, 's', 'c0', ['*.s.example']), allowedRoutes: { tenants: 'all' } };
    expect(codes([on(443, 'a', 'c0'), on(8443, 'b', 'c1'), shared])).toEqual([
      ['certificate-conflict', '/servers/1/tls/credentialName'],
    ]);
    const many = Array.from({ length: 32 }, (_, i) => on(8443, `p${i}`, `c${i}`, [`h${i}.example`]));
    const hosts = many.flatMap((each) => each.hosts);
    expect(codes([...many, on(443, 'a', 'c32', hosts)], 33)).toEqual([
      ['certificate-conflict', '/servers/32/tls/credentialName'],
    ]);
  });

  test('accepts different protocols on a port of gateways that no fleet can serve together', () => {
    const apart = change(
      (d) =>
        (d.gateways.zoo = {
          selector: { ingress: 'internal' },
          servers: [{ ...http('z.example'), port: { number: 443, name: 'x', protocol: 'HTTP' } }],
        }),
    );
    expect(check(apart).errors).toEqual([]);
  });

  test('warns about a host that the certificate does not cover', () => {
    const info = {
      fingerprintSha256: '',
      publicKeySha256: '',
      dnsNames: ['shop.example'],
      notBefore: '',
      notAfter: '',
      keyType: '',
    };
    expect(check(whole.with('certificate', 'shop', { certificateChain: 'PEM' }, info)).warnings).toMatchObject([
      { code: 'certificate-does-not-cover', path: '/servers/1/hosts/0' },
    ]);
  });

  test('reports a missing fleet, a port that is not offered, `*` on a shared fleet, and a denied destination', () => {
    expect(checkOnFleets(whole, 'acme', [])).toMatchObject({ errors: [], warnings: [{ code: 'no-fleet' }] });
    const bad = change((d) => {
      d.gateways.web!.servers.push({ ...http('*'), port: { number: 81, name: 'odd', protocol: 'HTTP' } });
      d.upstreams.cart!.endpoints.push(
        { address: '127.0.0.1' },
        { address: '::ffff:127.0.0.1' },
        { address: '128.0.0.1' },
      );
    });
    const codes = checkOnFleets(bad, 'acme', [fleet]).errors.map(({ code, path }) => `${code} ${path}`);
    expect(codes).toEqual([
      'port-not-offered /servers/2/port',
      'wildcard-on-shared-fleet /servers/2/hosts/0',
      'destination-denied /endpoints/1/address',
      'destination-denied /endpoints/2/address',
    ]);
  });
});

test('referrers are the resources that prevent a deletion', () => {
  expect(referrers(whole, 'upstream', 'cart').map(({ resource, path }) => resource + path)).toEqual([
    'routes/shop/http/0/route/0/destination/upstream',
  ]);
  expect(referrers(whole, 'certificate', 'shop').map(({ resource }) => resource)).toEqual(['gateways/web']);
});

describe('binding', () => {
  test('serves hosts of routes, admits the other hosts, and uses the most specific certificate', () => {
    const both = change((d) => {
      d.gateways.web!.servers.push(https('www', 'www.shop.example'));
      d.certificates.www = { certificateChain: 'PEM' };
    });
    const table = scopeTable(both, 'acme', fleet);
    expect(table.scopes.map(({ port, host, credentialName, routes }) => [port, host, credentialName, routes])).toEqual([
      [80, '*.shop.example', undefined, []],
      [80, 'shop.example', undefined, ['shop']],
      [80, 'www.shop.example', undefined, ['shop']],
      [443, '*.shop.example', 'shop', []],
      [443, 'www.shop.example', 'www', ['shop']],
    ]);
    expect(certificateFor(table, 'www.shop.example')).toBe('www');
    expect(certificateFor(table, 'a.b.shop.example', 443)).toBe('shop');
    expect(certificateFor(table, 'shop.example')).toBeUndefined();
  });

  test.each<[string, Partial<Fleet>]>([
    ['without the label', { labels: { ingress: 'internal' } }],
    ['of another tenant', { tenant: 'other' }],
    ['without the ports', { ports: [{ number: 443, bind: 1, protocol: 'HTTP' }] }],
  ])('a fleet %s serves nothing', (_, other) =>
    expect(scopeTable(whole, 'acme', { ...fleet, ...other }).scopes).toEqual([]),
  );

  test('lists for each host its bindings, or the reason why it has none', () => {
    const partly = change((d) => (d.routes.shop!.hosts = ['*.shop.example', 'other.example']));
    expect(routeBindings(partly, 'shop')).toMatchObject([
      { host: '*.shop.example', bound: [{ gateway: 'web', port: 80 }, { port: 443 }] },
      { bound: [], reason: 'no server of web admits other.example' },
    ]);
  });
});

describe('an exact host beside a wildcard', () => {
  const gateways = (hosts: Record<string, string[]>, routes: Record<string, [host: string, ...gateways: string[]]>) =>
    Configuration.fromDocument({
      gateways: Object.fromEntries(
        Object.entries(hosts).map(([name, each]) => [
          name,
          { selector: { ingress: 'public' }, servers: [http(...each)] },
        ]),
      ),
      routes: Object.fromEntries(
        Object.entries(routes).map(([name, [host, ...names]]) => [
          name,
          { hosts: [host], gateways: names, http: [say(name)] },
        ]),
      ),
    });
  const routesOf = (configuration: Configuration, host: string) =>
    scopeTable(configuration, 'acme', fleet).scopeFor(80, host)?.routes;

  test.each([[['*.x.io']], [['*.x.io', 'a.x.io']], [['a.x.io', '*.x.io']]])(
    'has its own routes before the wildcard’s, when the gateway lists %j',
    (hosts) => {
      const configuration = gateways({ g: hosts }, { wild: ['*.x.io', 'g'], exact: ['a.x.io', 'g'] });
      expect(routesOf(configuration, 'a.x.io')).toEqual(['exact', 'wild']);
      expect(routesOf(configuration, 'b.x.io')).toEqual(['wild']);
    },
  );

  test('has the routes of all wildcards above it, the most specific first', () => {
    const configuration = gateways(
      { g: ['*.x.io'] },
      { a: ['*.x.io', 'g'], b: ['*.b.x.io', 'g'], c: ['c.b.x.io', 'g'], other: ['d.b.x.io', 'g'] },
    );
    expect(routesOf(configuration, 'c.b.x.io')).toEqual(['c', 'b', 'a']);
    expect(routesOf(configuration, 'e.b.x.io')).toEqual(['b', 'a']);
  });

  test('belongs to the gateway that lists it: routes of other gateways do not serve it', () => {
    const hosts = { g: ['*.x.io'], h: ['a.x.io'] };
    const apart = gateways(hosts, { wild: ['*.x.io', 'g'], exact: ['a.x.io', 'g'] });
    expect(routesOf(apart, 'a.x.io')).toEqual([]);
    expect([...scopeTable(apart, 'acme', fleet).envoyScopes()].map(({ host }) => host).sort()).toEqual([
      '*.x.io',
      'a.x.io',
    ]);
    expect(routeBindings(apart, 'exact')).toEqual([
      {
        host: 'a.x.io',
        bound: [],
        reason: expect.stringContaining('the gateway h admits a.x.io, which is more specific'),
      },
    ]);
    const both = gateways(hosts, { wild: ['*.x.io', 'g', 'h'], exact: ['a.x.io', 'h'] });
    expect(routesOf(both, 'a.x.io')).toEqual(['exact', 'wild']);
    expect(routeBindings(both, 'exact')).toMatchObject([{ bound: [{ gateway: 'h', host: 'a.x.io' }] }]);
  });
});

test('the order of insertion changes neither what is served nor the order of rules', () => {
  const hosts = fc.constantFrom('a.x.io', 'b.x.io', '*.x.io', '*.a.x.io');
  const rule = fc
    .record({ match: fc.option(fc.constant([{ uri: { exact: '/e' } }]), { nil: undefined }), n: fc.nat(9) })
    .map(({ match, n }) => ({ ...(match && { match }), ...say(String(n)) }));
  const route = fc.record({
    hosts: fc.uniqueArray(hosts, { minLength: 1 }),
    gateways: fc.constant(['g', 'h']),
    http: fc.array(rule, { minLength: 1, maxLength: 3 }),
  });
  const gateway = fc
    .uniqueArray(hosts, { minLength: 1 })
    .map((names) => ({ selector: { ingress: 'public' }, servers: [http(...names)] }));
  const resources = fc
    .tuple(fc.dictionary(fc.constantFrom('p', 'q', 'r'), route, { minKeys: 1 }), gateway, gateway)
    .map(([routes, g, h]): Resource[] => [
      { kind: 'gateway', name: 'g', spec: g },
      { kind: 'gateway', name: 'h', spec: h },
      ...Object.entries(routes).map(
        ([name, spec]): Resource => ({ kind: 'route', name, spec: spec as unknown as Route }),
      ),
    ]);
  const summary = (all: Resource[]) => {
    const configuration = Configuration.of(all);
    return scopeTable(configuration, 'acme', fleet).scopes.map((scope) => [scope, rulesFor(configuration, scope)]);
  };
  fc.assert(
    fc.property(
      resources.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        expect(summary(shuffled)).toEqual(summary(all));
      },
    ),
    { seed: 1 },
  );
});

describe('explain', () => {
  const ask = (path: string, more: object = {}) =>
    explain(whole, 'acme', fleet, { authority: 'WWW.shop.example.:8080', path, ...more });
  test('names the rule', () =>
    expect(ask('/cart/1?x=1')).toMatchObject({
      outcome: 'matched',
      host: 'www.shop.example',
      rule: { route: 'shop', rule: 0, match: 0 },
    }));
  test('names the reason why a rule does not match', () =>
    expect(ask('/cartoon')).toMatchObject({
      status: 404,
      tried: [{ resource: 'routes/shop', why: 'the path /cartoon does not match' }],
    }));
  test('distinguishes admitted hosts from unknown hosts', () => {
    expect(ask('/', { authority: 'x.shop.example' })).toMatchObject({
      why: '*.shop.example is admitted, but no route is bound to it',
    });
    expect(ask('/', { authority: 'x.example' })).toMatchObject({ why: 'no gateway admits x.example on port 80' });
  });
  test('normalises paths as the edge does', () => {
    expect(ask('/a/../%63art//x')).toMatchObject({ outcome: 'matched' });
    expect(ask('/cart%2f..%2fadmin')).toMatchObject({ outcome: 'redirect', location: '/admin' });
  });
  test.each([
    ['5s', '5s'],
    ['0.5s', '0.5s'],
    ['0h5m', '0h5m'],
    ['0s', false],
    ['0m0.0s', false],
  ])('names the timeout %s as %s; false: there is no limit', (timeout, expected) => {
    const limited = change((d) => (d.routes.shop!.http![0]!.timeout = timeout));
    const explanation = explain(limited, 'acme', fleet, { authority: 'shop.example', path: '/cart' });
    expect(explanation).toMatchObject({ outcome: 'matched', effect: { request: { path: '/cart' } } });
    expect('effect' in explanation && 'timeout' in explanation.effect && explanation.effect.timeout).toBe(expected);
  });
});

describe('a configuration', () => {
  test('is not changed by `with` and `without`', () => {
    const less = whole.without('route', 'shop');
    expect([whole.has('route', 'shop'), less.has('route', 'shop')]).toEqual([true, false]);
    expect(less.with('route', 'shop', whole.get('route', 'shop')!).document()).toEqual(whole.document());
  });

  test('is equal after it is written to a document and read again', () =>
    expect(Configuration.fromDocument(whole.document()).document()).toEqual(whole.document()));

  test('has a diff with the pointers to what changed', () => {
    const after = change((d) => {
      d.upstreams.cart!.endpoints[0]!.address = '10.0.0.9';
      delete d.certificates.shop;
      d.routes.other = { hosts: ['a/b'], gateways: [], http: [] };
    });
    expect(diff(whole, after).map(({ operation, resource, path }) => `${operation} ${resource}${path}`)).toEqual([
      'add routes/other',
      'replace upstreams/cart/endpoints/0/address',
      'remove certificates/shop',
    ]);
    expect(diff(whole, whole)).toEqual([]);
  });
});
