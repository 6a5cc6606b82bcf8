/** Warnings about redirects that lead back to themselves. */
import { expect, test } from 'vitest';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Server } from '../../model/kinds/gateway.ts';
import { parse } from '../../model/violations.ts';

const tls = { mode: 'SIMPLE' as const, credentialName: 'c' };
const server = (number: number, protocol: 'HTTP' | 'HTTPS', more: Partial<Server> = {}): Server => ({
  port: { number, name: `p${number}`, protocol },
  hosts: ['*.a.test'],
  ...(protocol === 'HTTPS' && { tls }),
  ...more,
});
const both = [server(80, 'HTTP'), server(443, 'HTTPS')];
const forward = { route: [{ destination: { upstream: 'u' } }] };

function warned(http: object[], servers = both, hosts = ['www.a.test'], gateways = ['web']): string[] {
  const route = parse('route', 'r', { hosts, gateways, http });
  if (!route.ok) throw new Error(JSON.stringify(route.violations));
  const configuration = Configuration.fromDocument({
    gateways: { web: { selector: { ingress: 'public' }, servers } },
    upstreams: { u: { port: 80, endpoints: [{ address: '10.0.0.1' }] } },
  }).with('route', 'r', route.spec as never);
  return check(configuration)
    .warnings.filter(({ code }) => code === 'redirect-loop')
    .map(({ path }) => path);
}

const toHttps = { redirect: { scheme: 'https' } };
const redirecting = [server(80, 'HTTP', { tls: { httpsRedirect: true } }), server(443, 'HTTPS')];

test.each<[about: string, http: object[], servers?: Server[], hosts?: string[]]>([
  ['a redirect to https that the HTTPS server serves too', [toHttps]],
  ['also on a wildcard', [toHttps], both, ['*.a.test']],
  ['also on a port of its own', [{ redirect: { port: 8443 } }], [server(8443, 'HTTPS')]],
  ['a fixed path for every path', [{ redirect: { uri: '/login' } }]],
  ['a fixed path below the prefix', [{ match: [{ uri: { pathPrefix: '/a' } }], redirect: { uri: '/a/b' } }]],
  ['a prefix that grows', [{ match: [{ uri: { pathPrefix: '/a' } }], redirect: { prefix: '/a/b' } }]],
  ['an authority that is the host itself', [{ redirect: { authority: 'www.a.test' } }], both, ['*.a.test']],
  ['a redirect to http, which httpsRedirect sends back', [{ redirect: { scheme: 'http' } }], redirecting],
  ['with a later rule that never runs for it', [toHttps, { match: [{ uri: { exact: '/a' } }], ...forward }]],
  ['a POST that is repeated', [{ match: [{ method: { exact: 'POST' } }], redirect: { uri: '/x', status: 307 } }]],
])('a loop has a warning: %s', (_, http, servers, hosts) =>
  expect(warned(http, servers, hosts)).toEqual(['/http/0/redirect']),
);

test.each<[about: string, http: object[], servers?: Server[], hosts?: string[]]>([
  ['a redirect to https on the HTTP server alone', [toHttps], [server(80, 'HTTP')]],
  ['a redirect to https of http only', [{ match: [{ scheme: { exact: 'http' } }], ...toHttps }, forward]],
  ['a redirect to https of port 80', [{ match: [{ port: 80 }], ...toHttps }, forward]],
  ['a mapped port', [toHttps], [server(80, 'HTTP'), server(8443, 'HTTPS')]],
  ['httpsRedirect alone', [forward], redirecting],
  ['a fixed path beside the prefix', [{ match: [{ uri: { pathPrefix: '/a' } }], redirect: { uri: '/ab' } }, forward]],
  [
    'a fixed path with a rule before',
    [{ match: [{ uri: { exact: '/login' } }], ...forward }, { redirect: { uri: '/login' } }],
  ],
  ['a removed prefix', [{ match: [{ uri: { pathPrefix: '/a' } }], redirect: { prefix: '/' } }, forward]],
  ['another host', [{ redirect: { authority: 'shop.a.test' } }]],
  ['a host of another tenant', [{ redirect: { authority: 'www.b.test' } }]],
  [
    'the apex to www',
    [{ match: [{ authority: { exact: 'a.test' } }], redirect: { authority: 'www.a.test' } }, forward],
  ],
  ['a POST that becomes a GET', [{ match: [{ method: { exact: 'POST' } }], redirect: { uri: '/x' } }, forward]],
  ['a cookie in the answer', [{ redirect: { uri: '/x' }, headers: { response: { set: { 'set-cookie': 'a=b' } } } }]],
  ['a condition on a cookie', [{ match: [{ cookies: { a: { exact: 'b' } } }], redirect: { uri: '/x' } }]],
  ['a gateway that is missing', [toHttps], []],
])('there is no warning for %s', (_, http, servers, hosts) => expect(warned(http, servers, hosts)).toEqual([]));

test('a route that is bound to one server loops only if the redirect leads to this server', () => {
  expect(warned([toHttps], both, ['www.a.test'], ['web:p80'])).toEqual([]);
  expect(warned([toHttps], both, ['www.a.test'], ['web:p443'])).toEqual(['/http/0/redirect']);
});

test('a change of the gateway can make a loop, and a change of another route makes none', () => {
  const route = { hosts: ['www.a.test'], gateways: ['web'], http: [{ redirect: { scheme: 'https' as const } }] };
  const configuration = Configuration.fromDocument({
    gateways: { web: { selector: { ingress: 'public' }, servers: both } },
    routes: { r: route, other: { ...route, hosts: ['x.a.test'], http: [{ directResponse: { status: 200 } }] } },
  });
  const loops = (routes?: string[]) =>
    check(configuration, routes && { route: routes })
      .warnings.filter(({ code }) => code === 'redirect-loop')
      .map(({ resource }) => resource);
  expect(loops()).toEqual(['routes/r']);
  expect(loops(['r'])).toEqual(['routes/r']);
  expect(loops(['other'])).toEqual([]);
});

test('a path with half of a surrogate pair does not end the check', () => {
  for (const uri of [{ prefix: '/a\ud800b' }, { exact: '/\udfff' }])
    expect(() => warned([{ match: [{ uri }], ...toHttps }])).not.toThrow();
});
