import { describe, expect, test } from 'vitest';
import type { Kind } from '../../model/kinds/index.ts';
import { parse } from '../../model/violations.ts';

const gateway = (server: object) => ({
  selector: { ingress: 'public' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.x'], ...server }],
});
const route = (rule: object) => ({
  hosts: ['a.x'],
  gateways: ['g'],
  http: [{ route: [{ destination: { upstream: 'u' } }], ...rule }],
});
const upstream = (more: object) => ({ port: 80, endpoints: [{ address: '10.0.0.1' }], ...more });

const violations = (kind: Kind, body: unknown) => {
  const parsed = parse(kind, 'it', body);
  return parsed.ok ? [] : parsed.violations;
};

describe('a schema rejects', () => {
  test.each<[string, Kind, unknown, string, string, RegExp]>([
    [
      'an unknown field',
      'gateway',
      { ...gateway({}), servrs: [] },
      '/servrs',
      'unknown-field',
      /did you mean "servers"/,
    ],
    [
      'an unknown field deep inside',
      'route',
      route({ match: [{ uri: { pathPrefx: '/' } }] }),
      '/http/0/match/0/uri/pathPrefx',
      'unknown-field',
      /did you mean "pathPrefix"/,
    ],
    [
      'Istio’s host',
      'route',
      route({ route: [{ destination: { upstream: 'u', host: 'u' } }] }),
      '/http/0/route/0/destination/host',
      'unknown-field',
      /did you mean "upstream"/,
    ],
    [
      'a field inside a map',
      'route',
      route({ match: [{ headers: { a: { exat: 'x' } } }] }),
      '/http/0/match/0/headers/a/exat',
      'unknown-field',
      /did you mean "exact"/,
    ],
    ['a missing field', 'upstream', { endpoints: [] }, '/port', 'required', /^$/],
    [
      'an unknown protocol',
      'gateway',
      gateway({ port: { number: 80, name: 'h', protocol: 'HTPS' } }),
      '/servers/0/port/protocol',
      'invalid-value',
      /did you mean HTTPS/,
    ],
    [
      'HTTPS without tls',
      'gateway',
      gateway({ port: { number: 443, name: 'h', protocol: 'https' } }),
      '/servers/0/tls',
      'tls-required',
      /^$/,
    ],
    [
      'HTTP with tls',
      'gateway',
      gateway({ tls: { mode: 'SIMPLE', credentialName: 'c' } }),
      '/servers/0/tls',
      'tls-refused',
      /^$/,
    ],
    [
      'a wildcard inside a label',
      'gateway',
      gateway({ hosts: ['a*.x'] }),
      '/servers/0/hosts/0',
      'invalid-format',
      /^$/,
    ],
    ['no selector label', 'gateway', { ...gateway({}), selector: {} }, '/selector', 'invalid-value', /^$/],
    ['both actions', 'route', route({ directResponse: { status: 200 } }), '/http/0', 'exactly-one', /^$/],
    [
      'two kinds of uri',
      'route',
      route({ match: [{ uri: { exact: '/', prefix: '/' } }] }),
      '/http/0/match/0/uri',
      'exactly-one',
      /^$/,
    ],
    [
      'a lone destination of weight 0',
      'route',
      route({ route: [{ destination: { upstream: 'u' }, weight: 0 }] }),
      '/http/0/route',
      'weights-sum',
      /^$/,
    ],
    [
      'weights that sum to 0',
      'route',
      route({ route: [0, 0].map((weight) => ({ destination: { upstream: 'u' }, weight })) }),
      '/http/0/route',
      'weights-sum',
      /^$/,
    ],
    [
      'a destination of several without a weight',
      'route',
      route({ route: [{ destination: { upstream: 'u' }, weight: 95 }, { destination: { upstream: 'v' } }] }),
      '/http/0/route/1/weight',
      'weight-missing',
      /^$/,
    ],
    [
      'look-ahead',
      'route',
      route({ match: [{ uri: { regex: '/(?!x)' } }] }),
      '/http/0/match/0/uri/regex',
      'invalid-regex',
      /^$/,
    ],
    [
      'a long pattern',
      'route',
      route({ match: [{ uri: { regex: 'a'.repeat(1025) } }] }),
      '/http/0/match/0/uri/regex',
      'too-big',
      /^$/,
    ],
    [
      'a pseudo header',
      'route',
      route({ match: [{ headers: { ':path': { exact: '/' } } }] }),
      '/http/0/match/0/headers/:path',
      'invalid-header-name',
      /^$/,
    ],
    ...[204, 205, 304].map((status): [string, Kind, unknown, string, string, RegExp] => [
      `a body of a ${status}`,
      'route',
      { ...route({}), http: [{ directResponse: { status, body: 'surplus' } }] },
      '/http/0/directResponse/body',
      'body-refused',
      /^$/,
    ]),
    [
      'our own header',
      'route',
      route({ headers: { request: { set: { 'X-Gatehouse-Scope': 'x' } } } }),
      '/http/0/headers/request/set/X-Gatehouse-Scope',
      'invalid-header-name',
      /^$/,
    ],
    [
      'a hop-by-hop header',
      'route',
      route({ headers: { request: { remove: ['Connection'] } } }),
      '/http/0/headers/request/remove/0',
      'invalid-value',
      /^$/,
    ],
    [
      'steering the proxy',
      'route',
      route({ headers: { request: { add: { 'x-envoy-retry-on': '5xx' } } } }),
      '/http/0/headers/request/add/x-envoy-retry-on',
      'invalid-header-name',
      /^$/,
    ],
    [
      'the header that ends loops',
      'route',
      route({ headers: { request: { remove: ['CDN-Loop'] } } }),
      '/http/0/headers/request/remove/0',
      'invalid-value',
      /^$/,
    ],
    [
      'a header twice',
      'route',
      route({ headers: { request: { set: { 'X-A': '1', 'x-a': '2' } } } }),
      '/http/0/headers/request/set/x-a',
      'duplicate-header',
      /^$/,
    ],
    [
      'a line break in a header',
      'route',
      route({ headers: { request: { set: { a: 'x\r\ny' } } } }),
      '/http/0/headers/request/set/a',
      'invalid-format',
      /^$/,
    ],
    [
      'the only destination of a rule with weight 0',
      'route',
      route({ route: [{ destination: { upstream: 'u' }, weight: 0 }] }),
      '/http/0/route',
      'weights-sum',
      /^$/,
    ],
    [
      'a control character in a rewrite',
      'route',
      route({ rewrite: { uri: '/a\u0000b' } }),
      '/http/0/rewrite/uri',
      'invalid-format',
      /^$/,
    ],
    [
      'a control character in a path',
      'route',
      route({ match: [{ uri: { pathPrefix: '/a\u0008' } }] }),
      '/http/0/match/0/uri/pathPrefix',
      'invalid-format',
      /^$/,
    ],
    ['a timeout that rounds to none', 'route', route({ timeout: '0.4ms' }), '/http/0/timeout', 'invalid-value', /^$/],
    ['a timeout below a millisecond', 'route', route({ timeout: '0.9ms' }), '/http/0/timeout', 'invalid-value', /^$/],
    ['a timeout above a day', 'route', route({ timeout: '24h1ms' }), '/http/0/timeout', 'invalid-value', /^$/],
    ...['0s', '0ms', '0h0m0.000s', '0.4ms', '0.001ms'].map(
      (connectTimeout): [string, Kind, object, string, string, RegExp] => [
        `a connectTimeout of ${connectTimeout}`,
        'upstream',
        upstream({ connectTimeout }),
        '/connectTimeout',
        'invalid-value',
        /^$/,
      ],
    ),
    ...['127.0.0.01', '0x7f.1', '127.1', '1.2.3.4::', 'fe80::1%eth0'].map(
      (address): [string, Kind, object, string, string, RegExp] => [
        `the address ${address}`,
        'upstream',
        upstream({ endpoints: [{ address }] }),
        '/endpoints/0/address',
        'invalid-value',
        /^$/,
      ],
    ),
    ...['99ms', '60001ms', '24h'].map((timeout): [string, Kind, object, string, string, RegExp] => [
      `a health check that takes ${timeout}`,
      'upstream',
      upstream({ healthChecks: [{ tcp: {}, timeout }] }),
      '/healthChecks/0/timeout',
      'invalid-value',
      /^$/,
    ]),
    ['a timeout without unit', 'route', route({ timeout: '5' }), '/http/0/timeout', 'invalid-value', /^$/],
    [
      'an address with a port',
      'upstream',
      upstream({ endpoints: [{ address: '10.0.0.1:80' }] }),
      '/endpoints/0/address',
      'invalid-value',
      /^write "10.0.0.1", and 80 in `port`$/,
    ],
    [
      'a mistyped address',
      'upstream',
      upstream({ endpoints: [{ address: '10.0.0.300' }] }),
      '/endpoints/0/address',
      'invalid-value',
      /^$/,
    ],
    [
      'two subsets of one name',
      'upstream',
      upstream({
        subsets: [
          { name: 'v', labels: { a: 'b' } },
          { name: 'v', labels: { a: 'c' } },
        ],
      }),
      '/subsets/1/name',
      'duplicate-subset',
      /^$/,
    ],
    ['a body that is no object', 'route', [], '', 'invalid-type', /^known fields: labels, hosts, /],
    [
      'a certificate that is no PEM',
      'certificate',
      { certificateChain: 'x' },
      '/certificateChain',
      'invalid-format',
      /^$/,
    ],
  ])('%s', (_, kind, body, path, code, hint) => {
    expect(
      violations(kind, body).map((each) => ({ resource: each.resource, path: each.path, code: each.code })),
    ).toEqual([{ resource: `${kind}s/it`, path, code }]);
    expect(violations(kind, body)[0]?.hint ?? '').toMatch(hint);
  });

  test('several errors at once', () => {
    const body = {
      selector: {},
      servers: [{ port: { number: 0, name: 'A', protocol: 'https' }, hosts: ['a*.x', 'b', 'B.'] }, { hots: [] }],
      extra: 1,
    };
    expect(
      violations('gateway', body)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(
      [
        '/extra',
        '/selector',
        '/servers/0/hosts/0',
        '/servers/0/hosts/2',
        '/servers/0/port/name',
        '/servers/0/port/number',
        '/servers/0/tls',
        '/servers/1/hosts',
        '/servers/1/hots',
        '/servers/1/port',
      ].sort(),
    );
  });

  test.each(['Reviews', '-a', 'a_b', '', 'a'.repeat(64)])('the name %j', (name) => {
    expect(parse('upstream', name, upstream({}))).toMatchObject({ ok: false, violations: [{ code: 'invalid-name' }] });
  });
});

describe('a schema accepts', () => {
  test.each<[string, Kind, unknown]>([
    ['a protocol in any case', 'gateway', gateway({ port: { number: 80, name: 'h', protocol: 'hTTp' } })],
    ['an upstream without endpoints', 'upstream', { port: 80, endpoints: [] }],
    ['IPv6', 'upstream', upstream({ endpoints: [{ address: '2001:db8::1' }, { address: '::ffff:10.0.0.1' }] })],
    ['0s', 'route', route({ timeout: '0s' })],
    ['a millisecond', 'route', route({ timeout: '0.001s' })],
    ['a day', 'route', route({ timeout: '24h' })],
    [
      'weight 0 beside another',
      'route',
      route({ route: [1, 0].map((weight) => ({ destination: { upstream: 'u' }, weight })) }),
    ],
    ['the only destination with a weight', 'route', route({ route: [{ destination: { upstream: 'u' }, weight: 1 }] })],
  ])('%s', (_, kind, body) => expect(violations(kind, body)).toEqual([]));

  test('its own output, unchanged', () => {
    const once = parse(
      'route',
      'it',
      route({ match: [{ headers: { 'End-User': { exact: 'j' } } }], timeout: '1m30s' }),
    );
    expect(once.ok && parse('route', 'it', once.spec)).toEqual(once);
  });
});

test('equal specs become equal JSON, in whatever order they were written', () => {
  const json = (kind: Kind, body: unknown) => {
    const parsed = parse(kind, 'it', body);
    return parsed.ok ? JSON.stringify(parsed.spec) : parsed.violations;
  };
  const match = (headers: object, queryParams: object) => ({ match: [{ headers, queryParams }] });
  const [exact, present] = [{ exact: 'b' }, { present: true }];
  expect(json('route', route(match({ 'X-B': present, a: exact }, { d: exact, c: exact })))).toBe(
    json('route', { ...route(match({ a: exact, 'x-b': present }, { c: exact, d: exact })), labels: undefined }),
  );
  const { port, endpoints } = upstream({}) as { port: number; endpoints: object[] };
  expect(json('upstream', { labels: { b: '1', a: '2' }, endpoints, port })).toBe(
    json('upstream', { port, endpoints, labels: { a: '2', b: '1' } }),
  );
});
