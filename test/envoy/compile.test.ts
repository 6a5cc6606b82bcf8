/** Compiled resources on a real Envoy: the pitfalls of the layout, and a comparison of `explain` with Envoy. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBE_HEADER, REVISION_PATH, routeConfiguration, SCOPE_HEADER } from '../../dataplane/compile/index.ts';
import { Configuration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Fleet } from '../../model/fleet.ts';
import type { Rule } from '../../model/route/rule.ts';
import { Authority } from '../e2e/authority.ts';
import { freePort } from '../e2e/stack.ts';
import * as encode from '../xds/encode.ts';
import { ask } from './ask.ts';
import { type Edge, startEcho, startEdge, TENANT } from './compiled-edge.ts';

const ports = { http: await freePort(), other: await freePort(), https: await freePort() };
const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [
    { number: 80, bind: ports.http, protocol: 'HTTP' },
    { number: 81, bind: ports.other, protocol: 'HTTP' },
    { number: 443, bind: ports.https, protocol: 'HTTPS' },
  ],
};

let edge: Edge;
let echo: Awaited<ReturnType<typeof startEcho>>;
let configuration: Configuration;
let posts = 0;
const authority = await Authority.create();
const pair = await authority.issue('a.example.com', '*.example.com');

const to = (rule: Partial<Rule> = {}): Rule => ({ route: [{ destination: { upstream: 'echo' } }], ...rule });
const on = (uri: object, rule: Partial<Rule> = {}): Rule => to({ match: [{ uri }], ...rule });
const say = (body: string, match?: Rule['match']): Rule => ({
  ...(match && { match }),
  directResponse: { status: 200, body },
});

beforeAll(async () => {
  echo = await startEcho(async ({ url, method }) => {
    if (method === 'POST') posts++;
    if (url === '/slow') await new Promise((resolve) => setTimeout(resolve, 2000));
    return url === '/fails' ? 503 : undefined;
  });
  echo.server.on('upgrade', (_, socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello'),
  );
  const http = (number: number, ...hosts: string[]) => ({
    port: { number, name: `http-${number}`, protocol: 'HTTP' as const },
    hosts,
  });
  const route = (hosts: string[], ...rules: Rule[]) => ({ hosts, gateways: ['web'], http: rules });
  configuration = Configuration.fromDocument({
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          http(80, '*.example.com', '*.deep.test', '*.d.deep.test', 'odd.test', 'never.test'),
          http(81, 'other.test'),
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' },
            hosts: ['*.example.com'],
            tls: { mode: 'SIMPLE', credentialName: 'c' },
          },
        ],
      },
    },
    routes: {
      a: route(
        ['a.example.com'],
        on({ pathPrefix: '/foo' }, { rewrite: { uri: '/bar' } }),
        on({ pathPrefix: '/strip' }, { rewrite: { uri: '/' } }),
        on({ prefix: '/pre/' }, { rewrite: { uri: '/x' } }),
        on({ exact: '/exact' }, { rewrite: { uri: '/whole', authority: 'inner.test' } }),
        on({ regex: '/re/[0-9]+' }, { rewrite: { uri: '/regex' } }),
        on({ exact: '/slow' }, { timeout: '300ms' }),
        on(
          { exact: '/headers' },
          {
            headers: {
              request: { set: { 'x-a': '100%' }, add: { 'x-b': '2' }, remove: ['x-c'] },
              response: { set: { 'x-r': '%ENVIRONMENT(HOME)%' }, remove: ['content-type'] },
            },
          },
        ),
        say('v1', [{ headers: { 'end-user': { exact: 'jason' } } }]),
        say('no beta', [{ uri: { exact: '/beta' }, withoutHeaders: { 'x-beta': { exact: 'yes' } } }]),
        say('page', [{ queryParams: { page: { regex: '[0-9]+' } }, method: { exact: 'PUT' } }]),
        say('case', [
          { uri: { regex: '/CASE/.*' }, ignoreUriCase: true },
          { uri: { pathPrefix: '/Fold' }, ignoreUriCase: true },
        ]),
        on({ pathPrefix: '/ok' }),
        on({ exact: '/fails' }),
      ),
      wild: route(['*.example.com', '*.deep.test'], to()),
      nearer: route(['*.d.deep.test'], say('nearer')),
      other: route(['other.test'], say('other')),
      odd: route(['odd.test'], say('odd')),
    },
    upstreams: { echo: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] } },
    certificates: { c: { certificateChain: pair.certificateChain } },
  });
  const secrets = new Map(
    ['a.example.com', 'b.example.com'].map((name) => [
      name,
      encode.secret(name, pair.certificateChain, pair.privateKey)!,
    ]),
  );
  edge = await startEdge(configuration, fleet, { secret: (name) => secrets.get(name) });
});
afterAll(async () => {
  await edge?.close();
  echo?.server.close();
});

const get = (host: string, path = '/', headers: Record<string, string> = {}, method = 'GET', port = ports.http) =>
  ask({ port, path, method, headers: { host, ...headers } });

describe('Envoy finds the host', () => {
  test.each([
    ['as written', 'a.example.com', '/ok'],
    ['with a port', 'a.example.com:8080', '/ok'],
    ['in capitals, with dot and port', 'A.Example.com.:8080', '/ok'],
    ['by a wildcard', 'b.example.com', '/ok'],
    ['by a wildcard in capitals', 'B.Example.COM', '/ok'],
    ['by a wildcard, several labels deep', 'x.y.z.example.com', '/ok'],
    ['by a wildcard, as deep as possible', 'a.b.c.e.f.g.deep.test', '/ok'],
  ])('%s', async (_, host, path) => {
    const { seen } = await get(host, path);
    // The upstream sees the Host the client sent.
    expect(seen?.headers.host).toBe(host);
  });

  test('by the nearest wildcard', async () => expect((await get('x.d.deep.test')).body).toBe('nearer'));

  test.each([
    ['the apex of a wildcard', 'example.com'],
    ['an admitted host without a route', 'never.test'],
    ['an unknown host', 'nobody.test'],
    ['a host of another port', 'other.test'],
  ])('but not %s', async (_, host) => expect((await get(host)).status).toBe(404));

  test('and uses the wildcard’s rules for requests that match no rule of the host', async () =>
    expect((await get('a.example.com', '/none')).seen?.url).toBe('/none'));

  test('for a request with a body to a cold host', async () => {
    const { seen } = await ask({
      port: ports.http,
      method: 'POST',
      path: '/ok',
      headers: { host: 'c.deep.test', 'content-length': '0' },
    });
    expect(seen?.method).toBe('POST');
  });
});

describe('a client cannot', () => {
  test('send a scope key as its Host', async () => expect((await get('81|other.test')).status).toBe(400));
  test('choose its scope with the header', async () =>
    expect((await get('nobody.test', '/', { [SCOPE_HEADER]: '80|odd.test' })).status).toBe(404));
  test('reach the hosts of another port with its scope key', async () =>
    expect((await get('nobody.test', '/', { [SCOPE_HEADER]: '81|other.test' })).status).toBe(404));
  test('send a probe', async () =>
    expect((await get('a.example.com', REVISION_PATH, { [PROBE_HEADER]: '1' })).seen?.url).toBe(REVISION_PATH));
  test('make the upstream see the reserved headers', async () => {
    const { seen } = await get('a.example.com', '/ok', {
      [SCOPE_HEADER]: 'x',
      [PROBE_HEADER]: 'x',
      'X-Gatehouse-Other': 'x',
    });
    expect(
      Object.keys(seen!.headers).filter((name) => name === SCOPE_HEADER || name.startsWith('x-gatehouse')),
    ).toEqual([]);
  });
  test('make Envoy send a request twice', async () => {
    posts = 0;
    const { status } = await get(
      'a.example.com',
      '/fails',
      { 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '3', 'content-length': '0' },
      'POST',
    );
    expect([status, posts]).toEqual([503, 1]);
  });
});

test('a probe reads the version through the probe listener', async () => {
  const { body } = await ask({
    socketPath: edge.probe,
    path: REVISION_PATH,
    headers: { host: 'probe', [PROBE_HEADER]: '1', [SCOPE_HEADER]: '80|a.example.com' },
  });
  const { message } = routeConfiguration(configuration, TENANT, fleet, 80, 'a.example.com');
  expect(body).toBe(encode.routes(message).version);
});

describe('Envoy applies to the request', () => {
  test.each([
    ['/foo', '/bar'],
    ['/foo/x?q=1', '/bar/x?q=1'],
    ['/strip', '/'],
    ['/strip/x/y', '/x/y'],
    ['/pre/x', '/x/x'],
    ['/exact?q=1', '/whole?q=1'],
    ['/re/12', '/regex'],
  ])('a rewrite: %s becomes %s', async (path, expected) =>
    expect((await get('a.example.com', path)).seen?.url).toBe(expected),
  );

  test('another authority', async () =>
    expect((await get('a.example.com', '/exact')).seen?.headers).toMatchObject({
      host: 'inner.test',
      'x-forwarded-host': 'a.example.com',
    }));
  test('a timeout', async () => expect((await get('a.example.com', '/slow')).status).toBe(504));
  test('headers, taken literally', async () => {
    const { body, headers } = await get('a.example.com', '/headers', { 'x-a': 'old', 'x-b': '1', 'x-c': 'gone' });
    expect(JSON.parse(body).headers).toMatchObject({ 'x-a': '100%', 'x-b': '1, 2' });
    expect(JSON.parse(body).headers).not.toHaveProperty('x-c');
    expect(headers).toMatchObject({ 'x-r': '%ENVIRONMENT(HOME)%', server: 'gatehouse' });
    expect(headers).not.toHaveProperty('content-type');
  });
  test('an upgrade to WebSocket', async () => {
    const socket = connect(ports.http, '127.0.0.1');
    socket.write(
      'GET /ok HTTP/1.1\r\nhost: a.example.com\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1.1 101 [\s\S]*hello$/);
  });
});

describe('HTTPS', () => {
  const secure = (servername: string, host = servername) =>
    ask({ port: ports.https, path: '/ok', servername, ca: authority.pem, headers: { host } }, true);
  test('an exact server name', async () => expect((await secure('a.example.com')).status).toBe(200));
  test('a server name below a wildcard', async () => expect((await secure('b.example.com')).status).toBe(200));
  test('a server name without a certificate fails the handshake immediately', async () => {
    // Waits for Envoy's own report: a handshake timeout proves nothing.
    await expect(secure('nobody.test')).rejects.toThrow('alert handshake failure');
  });
  test('a client without a server name fails the handshake', async () => {
    await expect(
      ask(
        {
          port: ports.https,
          path: '/ok',
          servername: '',
          rejectUnauthorized: false,
          headers: { host: 'a.example.com' },
        },
        true,
      ),
    ).rejects.toThrow();
  });
  test('a Host that differs from the server name does not reach hosts of another port', async () =>
    expect((await secure('a.example.com', 'other.test')).status).toBe(404));
});

test('explain and Envoy give the same result', async () => {
  const paths = [
    '/',
    '/foo',
    '/foobar',
    '/foo/',
    '/strip/a',
    '/pre',
    '/pre/',
    '/exact',
    '/exact/',
    '/re/1',
    '/re/x',
    '/beta',
    '/case/x',
    '/FOLD/x',
    '/folder',
    '/ok?page=7',
    '/x?page=7',
    '/x?page=',
    '/x?PAGE=1',
    '/x?a=1&page=2&page=x',
    '/a/../foo',
    '/%66oo',
    '/./foo//bar',
    '/foo/%2e%2e/exact',
    '/a\\b',
    '/a%2fb',
    '/foo%5Cbar',
    '/foo/..',
    '/%7Efoo',
    '/exact;p=1',
    '/foo%20x',
  ];
  const variants: [string, Record<string, string>][] = [
    ['GET', {}],
    ['PUT', { 'x-beta': 'yes' }],
    ['GET', { 'End-User': 'jason', 'x-beta': 'no' }],
  ];
  for (const path of paths) {
    for (const [method, headers] of variants) {
      const answer = explain(configuration, TENANT, fleet, { authority: 'a.example.com', path, method, headers });
      const { status, body, headers: got, seen } = await get('a.example.com', path, headers, method);
      const what = `${method} ${path} ${JSON.stringify(headers)}`;
      if (answer.outcome === 'redirect') expect([status, got.location], what).toEqual([307, answer.location]);
      else if (answer.outcome !== 'matched') expect(status, what).toBe(answer.status);
      else if (answer.rule.spec.directResponse) expect(body, what).toBe(answer.rule.spec.directResponse.body);
      else expect(seen ?? status, what).not.toBe(404);
    }
  }
});

test('Envoy rejected nothing', () => expect(edge.nacks).toEqual([]));
