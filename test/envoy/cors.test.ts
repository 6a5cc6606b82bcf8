/** Cross-origin requests on a real Envoy, with a policy that asks for a password. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Rule } from '../../model/route/rule.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';

vi.mock('../../dataplane/compile/policies/index.ts', async (original) => ({
  ...(await original<object>()),
  policyChain: (await import('../compile/policies/sample.ts')).chain,
}));
vi.mock('../../model/policies/index.ts', async () => {
  const { policiesField } = await import('../../model/policies/field.ts');
  const { definitions } = await import('../compile/policies/sample.ts');
  return { policyDefinitions: definitions, policies: policiesField(definitions) };
});

const SHOP = 'https://shop.test';
const OTHER = 'https://other.test';
/** `u:p`, as htpasswd writes it. */
const policies = { password: { users: 'u:{SHA}UWuXg/ylF+7L0dBk2i0WUxCxl1k=' } };
const hosts = ['cold.test', 'secure.test', 'warm.test', '*.wild.test'];
let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;

beforeAll(async () => {
  // An upstream with CORS headers of its own.
  echo = await startEcho(async ({ url }) => (url === '/slow' ? new Promise(() => {}) : 200));
  echo.server.prependListener('request', (_, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'x-upstream');
  });
  const route = [{ destination: { upstream: 'echo' } }];
  const cors: Rule['cors'] = {
    allowOrigins: [{ exact: SHOP }, { regex: 'https://[a-z]+\\.shop\\.test' }, { prefix: 'http://localhost:' }],
    allowMethods: ['PUT'],
    allowHeaders: ['x-token'],
    exposeHeaders: ['etag'],
    maxAge: '1m',
    allowCredentials: true,
  };
  const at = (path: string, more: Rule): Rule => ({ match: [{ uri: { exact: path } }], cors, ...more });
  const http: Rule[] = [
    { match: [{ uri: { pathPrefix: '/pay' }, method: { exact: 'POST' } }], route },
    { match: [{ uri: { pathPrefix: '/pay' }, headers: { 'x-batch': { present: true } } }], route },
    { match: [{ uri: { exact: '/v' }, headers: { 'x-version': { exact: '2' } } }], cors, route },
    { match: [{ uri: { exact: '/cookie' }, cookies: { beta: { exact: '1' } } }], cors, route },
    at('/redirect', { redirect: { uri: '/new', status: 307 } }),
    at('/direct', { directResponse: { status: 200, body: 'hi' } }),
    at('/abort', { fault: { abort: { httpStatus: 503 } }, route }),
    at('/slow', { timeout: '200ms', retries: { attempts: 1 }, route }),
    at('/rewritten', { rewrite: { uri: '/x' }, headers: { response: { set: { etag: 'e' } } }, route }),
    at('/dead', { route: [{ destination: { upstream: 'dead' } }] }),
    at('/shared', {
      route: [...route, { directResponse: { status: 200, body: 'hi' } }].map((each) => ({ ...each, weight: 1 })),
    }),
    at('/locked', { route, policies } as Rule),
    at('/', { route, policies, upgrades: [] } as Rule),
    at('/open', { cors: { allowOrigins: [{ exact: '*' }] }, route }),
    { match: [{ uri: { exact: '/none' } }], route },
    { match: [{ method: { regex: 'PUT|DELETE' } }], cors, route },
  ];
  const servers = [
    { port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts },
    {
      port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
      hosts,
      tls: { mode: 'SIMPLE' as const, credentialName: 'c' },
    },
  ];
  served = await serving(
    {
      gateways: { g: { selector: { ingress: 'public' }, servers } },
      routes: { r: { hosts, gateways: ['g'], http } },
      upstreams: {
        echo: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] },
        dead: { port: 80, endpoints: [] },
      },
    },
    { c: hosts },
  );
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.closeAllConnections();
  echo?.server.close();
});

const send = (host: string, method: string, path: string, headers: Record<string, string>) => {
  const isSecure = host === 'secure.test';
  const tls = isSecure && { servername: host, ca: served.authority.pem };
  const port = isSecure ? served.ports.https : served.ports.http;
  return ask({ port, method, path, headers: { host, 'content-length': '0', ...headers }, ...tls }, isSecure);
};
const preflight = (host: string, path: string, method: string, names?: string, origin = SHOP) =>
  send(host, 'OPTIONS', path, {
    origin,
    'access-control-request-method': method,
    ...(names && { 'access-control-request-headers': names }),
  });
const crossed = (path: string, origin = SHOP, more: Record<string, string> = {}) =>
  send('warm.test', 'GET', path, { origin, ...more });

const ALLOWED = {
  'access-control-allow-origin': SHOP,
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'PUT',
  'access-control-allow-headers': 'x-token',
  'access-control-max-age': '60',
};
const READABLE = {
  'access-control-allow-origin': SHOP,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'etag',
  vary: 'Origin',
};
const allowedOrigin = 'access-control-allow-origin';

const withPassword = { authorization: `Basic ${btoa('u:p')}` };

describe('a request that a built-in route passes on to a rule gets the filters of the rule', () => {
  test.each([
    ['the path of slashes', false, '//'],
    ['the connection of another host', true, '/'],
    ['both', true, '//'],
  ])('%s', async (_, isSecure, path) => {
    const tls = isSecure && { servername: 'secure.test', ca: served.authority.pem };
    const get = (more: Record<string, string>) => {
      const headers = { host: 'warm.test', origin: SHOP, ...more };
      return ask({ port: isSecure ? served.ports.https : served.ports.http, path, headers, ...tls }, isSecure);
    };
    for (const _ of ['cold or not', 'warm']) expect((await get({})).status).toBe(401);
    expect(await get(withPassword)).toMatchObject({ status: 200, headers: READABLE, seen: { url: '/' } });
    expect((await get({ ...withPassword, connection: 'upgrade', upgrade: 'websocket' })).status).toBe(403);
  });
});

describe('a preflight', () => {
  test.each(['cold.test', 'secure.test', 'a.wild.test'])(
    'does not get to authentication, also as the first request to a cold host: %s',
    async (host) => {
      for (const _ of ['cold', 'warm'])
        expect(await preflight(host, '/locked', 'PUT', 'x-token')).toMatchObject({ status: 200, headers: ALLOWED });
      const { status, headers } = await send(host, 'GET', '/locked', { origin: SHOP });
      // The page can read that a password is missing.
      expect({ status, headers }).toMatchObject({ status: 401, headers: READABLE });
    },
  );

  test('of an origin that is not allowed is not allowed', async () => {
    for (const origin of [
      OTHER,
      'https://shop.test.attacker.test',
      'https://a-shop.test',
      'https://x.y.shop.test',
      'null',
    ])
      expect((await preflight('warm.test', '/open/x', 'PUT', undefined, origin)).headers).not.toHaveProperty(
        allowedOrigin,
      );
    for (const origin of [SHOP, 'https://de.shop.test', 'http://localhost:3000'])
      expect((await preflight('warm.test', '/open/x', 'PUT', undefined, origin)).headers[allowedOrigin]).toBe(origin);
    expect((await preflight('warm.test', '/open', 'GET', undefined, OTHER)).headers[allowedOrigin]).toBe(OTHER);
  });

  test.each([
    ['a rule for its method', '/x', 'DELETE', undefined, 200],
    ['a rule whose header it names', '/v', 'GET', 'x-token,x-version', 200],
    ['no rule whose header it does not name', '/v', 'GET', 'x-versions', 404],
    ['a rule with a cookie, which no preflight has', '/cookie', 'GET', undefined, 200],
    ['no rule for another method', '/x', 'PATCH', undefined, 404],
    ['a rule without cors for its method', '/pay', 'POST', undefined, 403],
    ['a rule without cors whose header it names', '/pay', 'PUT', 'x-batch', 403],
    ['the rule behind one whose header it does not name', '/pay', 'PUT', undefined, 200],
    ['a redirect', '/redirect', 'PUT', undefined, 200],
    ['a direct response', '/direct', 'PUT', undefined, 200],
    ['a rule with a fault', '/abort', 'PUT', undefined, 200],
    ['a rule without endpoints', '/dead', 'PUT', undefined, 200],
    ['an upstream, without cors', '/none', 'GET', undefined, 200],
  ])('gets to %s: %s %s %s', async (_, path, method, names, status) => {
    const answer = await preflight('warm.test', path, method, names);
    expect(answer.status).toBe(status);
    if (path === '/none') expect(answer.seen).toMatchObject({ method: 'OPTIONS' });
    else if (status === 200) expect(answer.headers).toMatchObject(ALLOWED);
    else expect(answer.headers).not.toHaveProperty(allowedOrigin);
  });

  test('with a very long list of headers is rejected', async () =>
    expect((await preflight('warm.test', '/v', 'GET', 'x'.repeat(1001))).status).toBe(400));
});

describe('a response', () => {
  test.each([
    ['/rewritten', 200],
    ['/redirect', 307],
    ['/direct', 200],
    ['/abort', 503],
    ['/slow', 504],
    ['/dead', 503],
    ['/locked', 401],
  ])('has the headers of the rule, and none of the upstream: %s %d', async (path, status) => {
    const allowed = await crossed(path);
    expect({ status: allowed.status, headers: allowed.headers }).toMatchObject({ status, headers: READABLE });
    const others = await crossed(path, OTHER);
    expect({ status: others.status, vary: others.headers.vary }).toEqual({ status, vary: 'Origin' });
    expect(Object.keys(others.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  test('of either share has the headers', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => crossed('/shared')));
    expect(new Set(answers.map(({ body }) => body === 'hi')).size).toBe(2);
    for (const { headers } of answers) expect(headers).toMatchObject(READABLE);
  });

  test('of a rule without cors is the same as from the upstream', async () => {
    const { headers } = await crossed('/none');
    expect(headers).toMatchObject({ [allowedOrigin]: '*', 'access-control-expose-headers': 'x-upstream' });
  });
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
