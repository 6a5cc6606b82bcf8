/** Every field that a valid resource may have without effect has a warning that points to it. */
import { describe, expect, test } from 'vitest';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Server } from '../../model/kinds/gateway.ts';
import { conditionPath, writtenAt } from '../../model/matching/delegation.ts';
import { parse } from '../../model/violations.ts';
import { samples } from '../envoy/explain/generate/samples.ts';
import { UPSTREAMS } from '../envoy/explain/generate/values.ts';

const server = (number: number, name: string, protocol: string, more: object = {}) => ({
  port: { number, name, protocol },
  hosts: ['*.a.test', 'a.test'],
  ...more,
});
const tls = (mode: string) => ({ tls: { mode, ...(mode === 'SIMPLE' && { credentialName: 'c' }) } });
const gateways: Record<string, object[]> = {
  web: [server(80, 'http', 'HTTP'), server(443, 'https', 'HTTPS', tls('SIMPLE'))],
  plain: [server(8080, 'http', 'HTTP')],
  redirects: [server(81, 'http', 'HTTP', { tls: { httpsRedirect: true } })],
  db: [server(5432, 'pg', 'TCP', { hosts: ['*'] }), server(53, 'dns', 'UDP', { hosts: ['*'] })],
  passed: [server(8443, 'tls', 'TLS', tls('PASSTHROUGH'))],
  secure: [server(9443, 'tls', 'TLS', tls('SIMPLE'))],
  automatic: [server(7443, 'tls', 'TLS', tls('AUTO_PASSTHROUGH'))],
};
const upstreams: Record<string, object> = {
  u: {},
  grpc: { protocol: 'GRPC' },
  quic: { protocol: 'HTTP3', tls: { sni: 'u.test' } },
  sticky: { loadBalancer: { sessionAffinity: { cookie: 'c' } } },
  hashed: { loadBalancer: { policy: 'MAGLEV', hash: [{ sourceIp: true }] } },
  private: { tls: { sni: 'u.test' }, proxyProtocol: 'V2' },
};

interface More {
  gateways?: Record<string, object[]>;
  routes?: Record<string, object>;
  upstreams?: Record<string, object>;
}
const found = (more: More) => {
  const all = { ...gateways, ...more.gateways };
  const { errors, warnings } = check(
    Configuration.fromDocument({
      gateways: Object.fromEntries(
        Object.entries(all).map(([name, servers]) => [
          name,
          { selector: { g: name }, servers: servers as unknown as Server[] },
        ]),
      ),
      routes: more.routes,
      upstreams: Object.fromEntries(
        Object.entries({ ...upstreams, ...more.upstreams }).map(([name, spec]) => [
          name,
          { port: 80, endpoints: [{ address: '10.0.0.1' }], ...spec },
        ]),
      ),
      certificates: { c: { certificateChain: '' } },
    } as never),
  );
  expect(errors).toEqual([]);
  return warnings;
};
const warned = (more: More) => found(more).map(({ code, resource, path }) => `${code} ${resource}${path}`);

const to = (upstream: string) => ({ route: [{ destination: { upstream } }] });
const web = (match: object, more: object = {}) => ({
  hosts: ['a.test'],
  gateways: ['web'],
  http: [{ match: [match], ...to('u') }],
  ...more,
});
const rule = (more: object, target = 'u') => ({
  hosts: ['a.test'],
  gateways: ['web'],
  http: [{ ...to(target), ...more }],
});

describe('a warning is given for a condition that nothing meets:', () => {
  test.each<[string, object, string]>([
    ['a method in small letters', web({ method: { exact: 'get' } }), 'http/0/match/0/method/exact'],
    ['the beginning of one', web({ method: { prefix: 'p' } }), 'http/0/match/0/method/prefix'],
    ['methods in small letters', web({ method: { regex: '(get|head)' } }), 'http/0/match/0/method/regex'],
    ['a port of no server', web({ port: 8080 }), 'http/0/match/0/port'],
    ['a port of another gateway', web({ port: 443, gateways: ['web:http'] }), 'http/0/match/0/port'],
    ['a port in the mesh', web({ port: 8080 }, { gateways: ['mesh'] }), 'http/0/match/0/port'],
    ['https in the mesh', web({ scheme: { exact: 'https' } }, { gateways: ['mesh'] }), 'http/0/match/0/scheme/exact'],
    ['another scheme', web({ scheme: { exact: 'HTTP' } }), 'http/0/match/0/scheme/exact'],
    [
      'a scheme of no server',
      web({ scheme: { exact: 'https' } }, { gateways: ['plain'] }),
      'http/0/match/0/scheme/exact',
    ],
    ['CONNECT', web({ method: { exact: 'CONNECT' } }), 'http/0/match/0/method/exact'],
    ['a header value with a line end', web({ headers: { x: { exact: 'a\n' } } }), 'http/0/match/0/headers/x/exact'],
    [
      'a header value with a space at its end',
      web({ headers: { x: { exact: 'a ' } } }),
      'http/0/match/0/headers/x/exact',
    ],
    ['a cookie with a semicolon', web({ cookies: { c: { prefix: 'a;' } } }), 'http/0/match/0/cookies/c/prefix'],
    ['a query that is decoded', web({ queryParams: { q: { exact: 'a b' } } }), 'http/0/match/0/queryParams/q/exact'],
    [
      'the name of a parameter that is decoded',
      web({ queryParams: { 'a b': { exact: '1' } } }),
      'http/0/match/0/queryParams/a b',
    ],
    [
      'a header value that must be absent',
      web({ headers: { x: { exact: 'ab' } }, withoutHeaders: { x: { prefix: 'a' } } }),
      'http/0/match/0/headers/x',
    ],
    ['a foreign authority', web({ authority: { exact: 'b.test:80' } }), 'http/0/match/0/authority/exact'],
    [
      'a header that must be absent',
      web({ headers: { 'x-a': { exact: '1' } }, withoutHeaders: { 'x-a': { present: true } } }),
      'http/0/match/0/headers/x-a',
    ],
    [
      'a port of no TCP server',
      { gateways: ['db'], tcp: [{ match: [{ port: 5432 }, { port: 5433 }], ...to('u') }] },
      'tcp/0/match/1/port',
    ],
    [
      'a port of no TLS server',
      { hosts: ['a.test'], gateways: ['passed'], tls: [{ match: [{ sniHosts: ['a.test'], port: 443 }], ...to('u') }] },
      'tls/0/match/0/port',
    ],
  ])('%s', (_, route, path) => expect(warned({ routes: { r: route } })).toEqual([`never-matches routes/r/${path}`]));

  test.each<[string, object]>([
    ['methods in capitals', web({ method: { regex: 'GET|HEAD' } })],
    ['another method', web({ method: { exact: 'purge' } })],
    ['the ports of both servers', web({ port: 80 }, { http: [{ match: [{ port: 80 }, { port: 443 }], ...to('u') }] })],
    ['both schemes', web({ scheme: { prefix: 'http' } })],
    ['a host in capitals', web({ authority: { exact: 'A.test:8080' } })],
    ['a prefix with a space at its end', web({ headers: { x: { prefix: 'Bearer ' } } })],
    ['escapes of a query', web({ queryParams: { 'a+b': { exact: 'c%20d' } } })],
    ['different values', web({ headers: { x: { prefix: 'a' } }, withoutHeaders: { x: { exact: 'a' } } })],
    ['a port of one of the servers, beside the mesh', web({ port: 80 }, { gateways: ['mesh', 'web'] })],
    ['http in the mesh', web({ scheme: { exact: 'http' } }, { gateways: ['mesh', 'web:https'] })],
    ['the port of a parent', { parents: ['other/shop'], http: [{ match: [{ port: 1 }], ...to('u') }] }],
  ])('but not for %s', (_, route) => expect(warned({ routes: { r: route } })).toEqual([]));

  test('the message says what would be right', () =>
    expect(found({ routes: { r: web({ port: 8080, method: { exact: 'get' } }) } })).toMatchObject([
      { hint: 'their ports are 80, 443' },
      { hint: 'write "GET"' },
    ]));
});

test('no condition that has such a warning serves a request', () => {
  const ports = [80, 8080, 443].map((number) => ({ number, bind: number, protocol: 'HTTP' as const }));
  const fleet = { name: 'shared', labels: { ingress: 'public' }, ports };
  let served = 0;
  let warnings = 0;
  for (const { gateways, routes, questions } of samples(120, 12, 77)) {
    const all = Configuration.fromDocument({
      gateways,
      routes,
      upstreams: Object.fromEntries(UPSTREAMS.map((name) => [name, { port: 80, endpoints: [] }])),
    });
    const useless = new Set(
      check(all)
        .warnings.filter(({ code }) => code === 'never-matches' || code === 'unreachable-rule')
        // The warning about underscores depends on the fleet, which may allow them.
        .map(({ resource, path }) => `${resource}${path.replace(/(\/match\/\d+).*/, '$1')}`),
    );
    warnings += useless.size;
    for (const question of questions) {
      const explained = explain(all, 'acme', fleet, question);
      if (explained.outcome !== 'matched') continue;
      const place = writtenAt(explained.rule);
      served++;
      expect(useless).not.toContain(`routes/${place.route}${conditionPath(place)}`);
    }
  }
  expect([served > 60, warnings > 60]).toEqual([true, true]);
});

describe('a warning is given for a field without effect:', () => {
  const answered = { route: [{ directResponse: { status: 200 } }] };
  test.each<[string, More, string]>([
    [
      'ignoreUriCase without uri',
      { routes: { r: web({ ignoreUriCase: true, port: 80 }) } },
      'routes/r/http/0/match/0/ignoreUriCase',
    ],
    [
      'a timeout where nothing is forwarded',
      { routes: { r: rule({ ...answered, timeout: '1s' }) } },
      'routes/r/http/0/timeout',
    ],
    [
      'retries where nothing is forwarded',
      { routes: { r: rule({ ...answered, retries: { attempts: 1 } }) } },
      'routes/r/http/0/retries',
    ],
    [
      'an idle timeout after the end',
      { routes: { r: rule({ idleTimeout: '2s', streamTimeout: '1s' }) } },
      'routes/r/http/0/idleTimeout',
    ],
    [
      'a timeout per try after the end',
      { routes: { r: rule({ timeout: '1s', retries: { attempts: 1, perTryTimeout: '1s' } }) } },
      'routes/r/http/0/retries/perTryTimeout',
    ],
    [
      'a panic threshold without health',
      { upstreams: { u: { loadBalancer: { panicThreshold: 10 } } } },
      'upstreams/u/loadBalancer/panicThreshold',
    ],
    [
      'a priority without health',
      { upstreams: { u: { endpoints: [{ address: '10.0.0.1' }, { address: '10.0.0.2', priority: 1 }] } } },
      'upstreams/u/endpoints/1/priority',
    ],
    [
      'a weight with the policy RANDOM',
      {
        upstreams: {
          u: {
            loadBalancer: { policy: 'RANDOM' },
            endpoints: [{ address: '10.0.0.1' }, { address: '10.0.0.2', weight: 9 }],
          },
        },
      },
      'upstreams/u/endpoints/1/weight',
    ],
    [
      'a weight of a locality without endpoints',
      { upstreams: { u: { loadBalancer: { localityWeights: { 'eu/a': 1 } } } } },
      'upstreams/u/loadBalancer/localityWeights/eu~1a',
    ],
    [
      'escaped slashes of a TCP server',
      { gateways: { db: [server(5432, 'pg', 'TCP', { escapedSlashes: 'keep' })] } },
      'gateways/db/servers/0/escapedSlashes',
    ],
    [
      'escaped slashes of connections that are passed through',
      { gateways: { passed: [server(443, 's', 'HTTPS', { ...tls('PASSTHROUGH'), escapedSlashes: 'keep' })] } },
      'gateways/passed/servers/0/escapedSlashes',
    ],
    [
      'affinity of connections',
      { routes: { r: { gateways: ['db'], tcp: [to('sticky')] } } },
      'routes/r/tcp/0/route/0/destination/upstream',
    ],
    [
      'hash keys of connections',
      { routes: { r: { gateways: ['db'], udp: [to('hashed')] } } },
      'routes/r/udp/0/route/0/destination/upstream',
    ],
  ])('%s', (_, more, path) => expect(warned(more)).toEqual([`without-effect ${path}`]));

  test('TLS and the PROXY protocol of datagrams', () =>
    expect(found({ routes: { r: { gateways: ['db'], udp: [to('private')] } } }).map(({ message }) => message)).toEqual([
      'tls of the upstream private has no effect here: datagrams are forwarded as they are',
      'proxyProtocol of the upstream private has no effect here: datagrams are forwarded as they are',
    ]));

  test('priorities beyond the fourth where a hash chooses', () => {
    const upstreams = (priorities: number, more: object) => {
      const endpoints = Array.from({ length: priorities }, (_, priority) => ({
        address: `10.0.0.${priority}`,
        priority,
      }));
      return { u: { endpoints, loadBalancer: more, outlierDetection: {} } };
    };
    const sticky = { sessionAffinity: { cookie: 'backend' } };
    expect(warned({ upstreams: upstreams(5, sticky) })).toEqual(['too-many-priorities upstreams/u/loadBalancer']);
    expect(warned({ upstreams: upstreams(4, sticky) })).toEqual([]);
    expect(warned({ upstreams: upstreams(5, { policy: 'RANDOM' }) })).toEqual([]);
  });

  test('but not where health decides', () => {
    const endpoints = [
      { address: '10.0.0.1', priority: 1 },
      { address: '10.0.0.2', priority: 2 },
    ];
    const u = { endpoints, loadBalancer: { panicThreshold: 0 } };
    expect(warned({ upstreams: { u: { ...u, outlierDetection: {} } } })).toEqual([]);
    expect(warned({ upstreams: { u: { ...u, healthChecks: [{ tcp: {} }] } } })).toEqual([]);
  });
});

describe('a warning is given for an upstream that cannot carry', () => {
  const path = 'routes/r/http/0/route/0/destination/upstream';
  test.each<[string, object]>([
    ['gRPC-Web', rule({ grpcWeb: true })],
    ['gRPC', rule({ match: [{ grpc: {} }] })],
    ['upgrades', rule({ upgrades: ['websocket'] }, 'quic')],
  ])('%s', (_, route) => expect(warned({ routes: { r: route } })).toEqual([`protocol-mismatch ${path}`]));
  test('but not for one that can', () =>
    expect(warned({ routes: { r: rule({ match: [{ grpc: {} }], grpcWeb: true }, 'grpc') } })).toEqual([]));
});

describe('a route that no server serves', () => {
  test.each<[string, object, string]>([
    [
      'http for connections',
      { hosts: ['a.test'], gateways: ['passed'], http: [to('u')] },
      'a.test is not served: the route has no tls rule for port 8443 (TLS, PASSTHROUGH)',
    ],
    [
      'http for decrypted connections',
      { hosts: ['a.test'], gateways: ['secure'], http: [to('u')] },
      'a.test is not served: the route has no tls or tcp rule for port 9443 (TLS, SIMPLE)',
    ],
    [
      'tcp for requests',
      { gateways: ['plain'], tcp: [to('u')] },
      'the route is not served: the route has no http rule for port 8080 (HTTP)',
    ],
    [
      'tcp for other ports',
      { gateways: ['db:pg'], udp: [to('u')] },
      'the route is not served: the route has no tcp rule for port 5432 (TCP)',
    ],
    [
      'a server without routes',
      { hosts: ['a.test'], gateways: ['automatic'], http: [to('u')] },
      'a.test is not served: port 7443 (TLS, AUTO_PASSTHROUGH) serves no routes: the server name of a connection names the upstream',
    ],
  ])('%s', (_, route, message) => {
    expect(found({ routes: { r: route } })).toMatchObject([{ code: 'unbound-host', message }]);
  });
});

describe('a warning is given for a parent', () => {
  const child = (...parents: string[]) => ({ parents, http: [to('u')] });
  const parent = { hosts: ['a.test'], gateways: ['web'], http: [{ delegate: { route: 'child' } }] };
  test.each<[string, string[], string[], string?]>([
    ['that does not exist', ['shopp'], ['dangling-reference routes/child/parents/0'], 'did you mean "shop"?'],
    [
      'that does not delegate',
      ['shop', 'other'],
      ['not-delegated routes/child/parents/1'],
      'write "delegate": { "route": "child" } in one of its rules',
    ],
    ['that exists', ['shop', 'acme/any'], []],
    ['when any exists', ['*'], []],
  ])('%s', (_, parents, expected, hint) => {
    const all = found({ routes: { child: child('shop', ...parents), shop: parent, other: rule({}) } });
    expect(all.map(({ code, resource, path }) => `${code} ${resource}${path}`)).toEqual(
      expected.map((each) => each.replace(/\d+$/, (index) => String(Number(index) + 1))),
    );
    if (hint) expect(all[0]!.hint).toBe(hint);
  });
  test('when none delegates', () =>
    expect(warned({ routes: { child: child('*') } })).toEqual(['not-delegated routes/child/parents/0']));
});

test('a rule for connections after one that matches them has a warning', () => {
  const at = (port?: number, ...source: string[]) => ({
    match: [{ ...(port !== undefined && { port }), ...(source.length > 0 && { source }) }],
    ...to('u'),
  });
  const db = (...tcp: object[]) => warned({ routes: { r: { gateways: ['db'], tcp } } });
  expect(db(at(5432), at(5432, '10.0.0.0/8'), to('u'))).toEqual(['unreachable-rule routes/r/tcp/1/match/0']);
  expect(db(to('u'), to('u'))).toEqual(['unreachable-rule routes/r/tcp/1']);
  expect(db(at(5432, '10.0.0.0/8'), at(5432), to('u'))).toEqual([]);
  const named = (...sniHosts: string[]) => ({ match: [{ sniHosts }], ...to('u') });
  const tls = (...rules: object[]) =>
    warned({ routes: { r: { hosts: ['a.test', 'b.a.test'], gateways: ['passed'], tls: rules } } });
  expect(tls(named('a.test'), named('b.a.test', 'a.test'))).toEqual([
    'unreachable-rule routes/r/tls/1/match/0/sniHosts/1',
  ]);
});

describe('a condition after one that matches the same requests has a warning', () => {
  const rules = (order: string | undefined, ...matches: object[][]) =>
    warned({
      routes: {
        r: {
          hosts: ['a.test'],
          gateways: ['web'],
          ...(order && { order }),
          http: matches.map((match) => ({ match, ...to('grpc') })),
        },
      },
    });
  const [a, ab, below] = [{ uri: { pathPrefix: '/a' } }, { uri: { exact: '/ab' } }, { uri: { pathPrefix: '/a/b/c' } }];
  test.each<[string, object[][], string[]]>([
    ['an equal condition', [[a], [ab, a]], ['1/match/1']],
    ['a path below a prefix', [[a], [below]], ['1/match/0']],
    ['the path of a prefix', [[a], [{ uri: { exact: '/a' }, method: { exact: 'GET' } }]], ['1/match/0']],
    ['a path below a prefix of texts', [[{ uri: { prefix: '/a' } }], [ab]], ['1/match/0']],
    [
      'a gRPC service below a prefix',
      [[{ uri: { pathPrefix: '/shop.Cart' } }], [{ grpc: { service: { exact: 'shop.Cart' } } }]],
      ['1/match/0'],
    ],
    ['a path beside a prefix', [[a], [ab]], []],
    ['a wider prefix', [[below], [a]], []],
    ['a prefix of texts that begins with a segment', [[a], [{ uri: { prefix: '/a' } }]], []],
    ['a path after a prefix with more conditions', [[{ ...a, method: { exact: 'GET' } }], [below]], []],
    ['a path in any case', [[a], [{ ...a, ignoreUriCase: true }]], []],
  ])('%s', (_, matches, expected) => {
    expect(rules(undefined, ...matches)).toEqual(expected.map((path) => `unreachable-rule routes/r/http/${path}`));
  });
  test('but the order `specific` tries the longest prefix first', () => {
    expect(rules('specific', [a], [below])).toEqual([]);
    expect(rules('specific', [a], [a])).toEqual(['unreachable-rule routes/r/http/1/match/0']);
  });
  test('and a rule that delegates leaves requests to the next', () => {
    const child = { parents: ['r'], http: [{ match: [{ uri: { exact: '/a/x' } }], ...to('u') }] };
    const http = [
      { match: [a], delegate: { route: 'child' } },
      { match: [a], ...to('u') },
    ];
    expect(warned({ routes: { child, r: { hosts: ['a.test'], gateways: ['web'], http } } })).toEqual([]);
  });
});

test.each([
  ['café.test', 'must be written in ASCII, as clients send it: xn--caf-dma.test'],
  ['*.café.test', 'must be written in ASCII, as clients send it: *.xn--caf-dma.test'],
  ['https://a.test/x', 'must be the name of the host alone: a.test'],
  ['é é', 'must be a host name, `*.` before a host name, or `*`; a wildcard replaces whole labels, at the front only'],
])('the host %s', (host, message) => {
  const parsed = parse('route', 'r', { ...rule({}), hosts: [host] });
  expect(parsed.ok ? [] : parsed.violations).toMatchObject([{ path: '/hosts/0', message }]);
});

test.each<[string, unknown, object]>([
  ['a number', 5, { message: 'must be a string, not a number', hint: 'a duration is a text with a unit: "5s"' }],
  ['no unit', '5', { message: 'must be a duration such as 500ms, 5s or 1m30s' }],
])('a duration that is %s', (_, timeout, expected) => {
  const parsed = parse('route', 'r', rule({ timeout }));
  expect(parsed.ok ? [] : parsed.violations).toMatchObject([{ path: '/http/0/timeout', ...expected }]);
});

test.each<[string, unknown, object]>([
  ['an absent object', undefined, { code: 'required', message: 'is required (object)' }],
  ['a list in place of an object', ['a'], { message: 'must be an object, not an array' }],
])('%s has an example', (_, selector, expected) => {
  const parsed = parse('gateway', 'g', { selector, servers: [server(80, 'http', 'HTTP')] });
  expect(parsed.ok ? [] : parsed.violations).toMatchObject([
    { path: '/selector', hint: 'for example {"ingress":"public"}', ...expected },
  ]);
});

test('values of another type have a hint', () => {
  const parsed = parse('upstream', 'u', { port: '80', endpoints: [{ address: 10 }] });
  expect(parsed.ok ? [] : parsed.violations).toMatchObject([
    { path: '/port', hint: 'write it without quotes: 80' },
    { path: '/endpoints/0/address', hint: 'write it in quotes: "10"' },
  ]);
});

describe('two routes with a rule for every request to one host:', () => {
  const every = (more: object = {}) => ({ hosts: ['a.test', 'b.a.test'], gateways: ['web'], http: [to('u')], ...more });
  const paths = { http: [{ match: [{ uri: { pathPrefix: '/a' } }], ...to('u') }] };
  test.each<[string, object, object, string[]]>([
    ['the later name serves nothing of it', every(), every(), ['unreachable-for-host routes/s/http/0']],
    ['other hosts', every(), every({ hosts: ['c.a.test'] }), []],
    ['other gateways', every(), every({ gateways: ['plain'] }), []],
    ['a rule for some paths', every(), every(paths), []],
    ['`specific` comes later', every({ order: 'specific' }), every(), ['unreachable-for-host routes/r/http/0']],
  ])('%s', (_, r, s, expected) => expect(warned({ routes: { r, s } })).toEqual(expected));
  test('it is reported when either of them changes', () => {
    const configuration = Configuration.fromDocument({ routes: { r: every(), s: every(), t: every(paths) } } as never);
    const about = (name: string) =>
      check(configuration, { route: [name] })
        .warnings.filter(({ code }) => code === 'unreachable-for-host')
        .map(({ resource }) => resource);
    expect(['r', 's', 't'].map(about)).toEqual([['routes/s'], ['routes/s'], []]);
  });
});
