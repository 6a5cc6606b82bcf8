/** How the edge treats requests and responses, on a real Envoy. Each host is cold at a test's first request. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCOPE_HEADER } from '../../dataplane/compile/index.ts';
import type { Rule } from '../../model/route/rule.ts';
import { startEcho } from './compiled-edge.ts';
import { raw, type Served, serving } from './edge.ts';

let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;

const direct = (status: number, headers?: Rule['headers']): Rule => ({
  match: [{ uri: { exact: `/${status}` } }],
  directResponse: { status },
  ...(headers && { headers }),
});
const forward = (path: string, headers?: Rule['headers']): Rule => ({
  match: [{ uri: { exact: path } }],
  route: [{ destination: { upstream: 'echo' } }],
  ...(headers && { headers }),
});

const STATUSES = [201, 300, 301, 302, 303, 304, 307, 308];

beforeAll(async () => {
  echo = await startEcho();
  echo.server.prependListener('request', (_request, response) => response.setHeader('server', 'application'));
  const hosts = ['plain.edge.test', 'located.edge.test', 'server.edge.test', 'star.test'];
  const route = (host: string, ...http: Rule[]) => ({ hosts: [host], gateways: ['web'], http });
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: [
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts },
            {
              port: { number: 443, name: 'https', protocol: 'HTTPS' },
              hosts,
              tls: { mode: 'SIMPLE', credentialName: 'edge' },
            },
          ],
        },
      },
      routes: {
        plain: route(
          'plain.edge.test',
          ...STATUSES.map((status) => direct(status)),
          direct(204),
          direct(205),
          { match: [{ uri: { exact: '/body' } }], directResponse: { status: 200, body: 'body' } },
          forward('/echo', { request: { remove: ['x-internal-user'] } }),
        ),
        located: route(
          'located.edge.test',
          ...STATUSES.slice(0, 4).map((status) => direct(status, { response: { set: { location: '/there' } } })),
          ...STATUSES.slice(4).map((status) => direct(status, { response: { add: { location: '/there' } } })),
        ),
        server: route(
          'server.edge.test',
          direct(200),
          forward('/default'),
          forward('/set', { response: { set: { server: 'mine' } } }),
          forward('/removed', { response: { remove: ['server'] } }),
          direct(418, { response: { set: { server: 'teapot' } } }),
          direct(503, { response: { remove: ['server'] } }),
        ),
      },
      upstreams: { echo: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] } },
    },
    { edge: ['*.edge.test'] },
  );
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

describe.each(['http', 'https'] as const)('over %s', (scheme) => {
  const at = (host: string) => ({
    port: served.ports[scheme],
    ...(scheme === 'https' && { tls: { servername: host, ca: served.authority.pem } }),
  });
  const get = async (host: string, path: string, more = '') => {
    const [answer] = await raw(at(host), `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${more}\r\n`);
    return answer!;
  };

  test.each(STATUSES)('a direct response of %i has a location only if its rule sets one', async (status) => {
    const [plain, located] = [await get('plain.edge.test', `/${status}`), await get('located.edge.test', `/${status}`)];
    expect([plain.status, plain.headers.location]).toEqual([status, undefined]);
    expect([located.status, located.headers.location]).toEqual([status, ['/there']]);
  });

  test.each([204, 205, 304])('a direct response of %i keeps the connection usable', async (status) => {
    const one = `GET /${status} HTTP/1.1\r\nhost: plain.edge.test\r\n\r\n`;
    const two = 'GET /201 HTTP/1.1\r\nhost: plain.edge.test\r\n\r\n';
    const answers = await raw(at('plain.edge.test'), one + two, 2);
    expect(answers.map((answer) => [answer.status, answer.body])).toEqual([
      [status, ''],
      [201, ''],
    ]);
    if (status === 204) expect(answers[0]!.headers).not.toHaveProperty('content-length');
  });

  test.each([
    ['the default, even if the application sets another', '/default', ['gatehouse']],
    ['the default of a direct response', '/200', ['gatehouse']],
    ['set', '/set', ['mine']],
    ['removed', '/removed', undefined],
    ['set on a direct response', '/418', ['teapot']],
    ['removed from a direct response', '/503', undefined],
  ])('`server`: %s', async (_, path, expected) =>
    expect((await get('server.edge.test', path)).headers.server).toEqual(expected),
  );

  test('the header X-Scope of a client reaches the application, and the reserved headers do not', async () => {
    const { body } = await get(
      'plain.edge.test',
      '/echo',
      `X-Scope: read write\r\n${SCOPE_HEADER}: 80|star.test\r\nX-Gatehouse-Other: 1\r\n`,
    );
    const { headers } = JSON.parse(body);
    expect(headers['x-scope']).toBe('read write');
    expect(Object.keys(headers).filter((name) => name.startsWith('x-gatehouse'))).toEqual([]);
  });

  test('no header of Envoy that a client sends reaches the application', async () => {
    const forged = 'attempt-count is-timeout-retry original-dst-host peer-metadata retry-on external-address'.split(
      ' ',
    );
    const more = forged.map((name) => `X-Envoy-${name}: 9.9.9.9\r\n`).join('');
    const { headers } = JSON.parse((await get('plain.edge.test', '/echo', more)).body);
    expect(JSON.stringify(headers)).not.toContain('9.9.9.9');
    expect(headers['x-envoy-external-address']).toBe('127.0.0.1');
  });

  test.each([':80@evil.test', ':x', ':80:90', ':123456', ':@evil.test', ':80/x', ':80,b.test'])(
    'a Host header with %s after its host gets 400',
    async (rest) => {
      const text = `GET /201 HTTP/1.1\r\nhost: plain.edge.test${rest}\r\n\r\n`;
      expect((await raw(at('plain.edge.test'), text))[0]!.status).toBe(400);
    },
  );
  test.each([':80', ':', ':65535', '.:80'])('a Host header with %s after its host is valid', async (rest) => {
    const [answer] = await raw(at('plain.edge.test'), `GET /201 HTTP/1.1\r\nhost: plain.edge.test${rest}\r\n\r\n`);
    expect(answer!.status).toBe(201);
  });

  test('a header with underscores is dropped, so it cannot replace the header with hyphens', async () => {
    const more = 'X_Internal_User: root\r\nX-Internal_User: root\r\nx-internal-user: root\r\nx-other: 1\r\n';
    const { headers } = JSON.parse((await get('plain.edge.test', '/echo', more)).body);
    expect(Object.keys(headers).filter((name) => /internal/.test(name))).toEqual([]);
    expect(headers['x-other']).toBe('1');
  });

  describe('HTTP/1.0', () => {
    const request = (path: string, ...lines: string[]) => [`GET ${path} HTTP/1.0`, ...lines, '', ''].join('\r\n');
    const named = 'host: plain.edge.test';

    test('without keep-alive, the end of the connection ends the response, which the upstream sends in chunks', async () => {
      const text = request('/echo', named);
      // The second request is not answered: the connection is closed.
      const answers = await raw(at('plain.edge.test'), text + text, 2);
      expect(answers.map(({ status }) => status)).toEqual([200]);
      expect(JSON.parse(answers[0]!.body).url).toBe('/echo');
      expect(answers[0]!.headers).toMatchObject({ connection: ['close'] });
      expect(answers[0]!.headers).not.toHaveProperty('transfer-encoding');
    });

    test('with keep-alive, a response of known length keeps the connection, and one in chunks ends it', async () => {
      const kept = request('/body', named, 'connection: keep-alive');
      const answers = await raw(
        at('plain.edge.test'),
        kept + request('/echo', named, 'connection: keep-alive') + kept,
        3,
      );
      expect(answers.map(({ body }) => body.slice(0, 4))).toEqual(['body', '{"me']);
      expect(answers.map(({ headers }) => headers.connection)).toEqual([['keep-alive'], ['close']]);
      expect(JSON.parse(answers[1]!.body).url).toBe('/echo');
    });

    test('without a Host, no host is found; HTTP/1.1 requires one', async () => {
      const statusOf = async (text: string) => (await raw(at('plain.edge.test'), text))[0]!.status;
      expect(await statusOf(request('/'))).toBe(404);
      expect(await statusOf(request('/', 'connection: keep-alive'))).toBe(404);
      expect(await statusOf('GET / HTTP/1.1\r\n\r\n')).toBe(400);
    });
  });
});

test('an HTTP/2 upload may have a megabyte in flight, and all uploads of a connection two', async () => {
  const session = connectHttp2(`https://plain.edge.test:${served.ports.https}`, {
    host: '127.0.0.1',
    servername: 'plain.edge.test',
    ca: served.authority.pem,
  });
  await once(session, 'remoteSettings');
  const stream = session.request({ ':path': '/201' });
  await once(stream, 'response');
  expect(session.remoteSettings.initialWindowSize).toBe(1024 * 1024);
  expect(session.state.remoteWindowSize).toBeGreaterThan(1024 * 1024);
  expect(session.state.remoteWindowSize).toBeLessThanOrEqual(2 * 1024 * 1024);
  session.destroy();
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
