/** Requests for other hosts than the one their connection was opened for (RFC 9110 §15.5.20), on a real Envoy. */
import { connect as connectHttp2 } from 'node:http2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVER_NAME_HEADER, serverNamed } from '../../dataplane/compile/values/names.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Rule } from '../../model/route/rule.ts';
import { ask } from './ask.ts';
import { startEcho, TENANT } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';

let served: Served;
let echo: Awaited<ReturnType<typeof startEcho>>;

/** Server name → certificate that its connections present. */
const CERTIFIED: Record<string, string[]> = {
  // Two hosts on one certificate that does not cover a third.
  sisters: ['a.sisters.test', 'b.sisters.test'],
  other: ['c.sisters.test'],
  // Listed on a certificate that its own connections do not present.
  wide: ['*.wide.test', 'a.sisters.test'],
  inner: ['inner.wide.test'],
  // Covers no name that it is presented for.
  wrong: ['somewhere.else.test'],
  strict: ['strict.test', 'one.strict.test', '*.strict.test'],
};
const HOSTS: Record<string, string[]> = {
  sisters: ['a.sisters.test', 'b.sisters.test', 'cold.sisters.test'],
  other: ['c.sisters.test'],
  wide: ['*.wide.test'],
  inner: ['inner.wide.test', '*.inner.wide.test'],
  wrong: ['wrong.test', 'wronger.test', '*.wrong.test'],
};

/** The hosts of servers with one certificate, of which each server accepts only its own connections. */
const STRICT: Record<string, string[]> = {
  'strict-any': ['*.strict.test', 'strict.test'],
  'strict-one': ['one.strict.test'],
  'strict-inner': ['*.inner.strict.test'],
};

beforeAll(async () => {
  echo = await startEcho();
  const forward: Rule = { route: [{ destination: { upstream: 'echo' } }] };
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: [
            ...Object.entries(HOSTS).map(([credentialName, hosts]) => ({
              port: { number: 443, name: credentialName, protocol: 'HTTPS' as const },
              hosts,
              tls: { mode: 'SIMPLE' as const, credentialName },
            })),
            ...Object.entries(STRICT).map(([name, hosts]) => ({
              port: { number: 443, name, protocol: 'HTTPS' as const },
              hosts,
              tls: { mode: 'SIMPLE' as const, credentialName: 'strict', sameServerOnly: true as const },
            })),
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.wide.test', 'a.sisters.test'] },
          ],
        },
      },
      routes: {
        app: {
          hosts: [...Object.values(HOSTS).flat(), '*.strict.test', 'strict.test', 'one.strict.test'],
          gateways: ['web'],
          http: [forward],
        },
      },
      upstreams: { echo: { port: 80, endpoints: [{ address: '127.0.0.1', port: echo.port }] } },
    },
    CERTIFIED,
  );
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

const get = async (servername: string, host: string, more: Record<string, string> = {}, path = '/x') => {
  const headers = { host, ...more };
  const { status, seen } = await ask(
    { port: served.ports.https, servername, rejectUnauthorized: false, path, headers },
    true,
  );
  return { status, seen };
};

test.each([
  ['its own host', 'a.sisters.test', 'a.sisters.test', 200],
  ['its own host, in another spelling', 'a.sisters.test', 'A.Sisters.test.:443', 200],
  ['its own host, with the server name in capitals', 'B.SISTERS.test', 'b.sisters.test', 200],
  ['a sister on the same certificate', 'a.sisters.test', 'b.sisters.test', 200],
  ['a sister on the same certificate, in another spelling', 'a.sisters.test', 'B.sisters.TEST:8443', 200],
  ['a host that the same certificate does not cover', 'a.sisters.test', 'cold.sisters.test', 421],
  ['a host on another certificate', 'a.sisters.test', 'c.sisters.test', 421],
  ['a host on another certificate, in the other direction', 'c.sisters.test', 'a.sisters.test', 421],
  ['a host that another certificate covers too', 'x.wide.test', 'a.sisters.test', 200],
  ['a host of a certificate with more names, in the other direction', 'a.sisters.test', 'x.wide.test', 421],
  ['its own host under a wildcard', 'x.wide.test', 'x.wide.test', 200],
  ['its own host under a wildcard, in capitals', 'x.wide.test', 'X.Wide.test', 200],
  ['its own host deep under a wildcard, which the certificate does not cover', 'x.y.wide.test', 'x.y.wide.test', 200],
  ['one label under the certificate’s wildcard', 'x.wide.test', 'y.wide.test', 200],
  ['two labels under the certificate’s wildcard', 'x.wide.test', 'x.y.wide.test', 421],
  ['the wildcard’s apex, which is no tenant’s host', 'x.wide.test', 'wide.test', 404],
  ['a host inside the wildcard with its own certificate', 'x.wide.test', 'inner.wide.test', 200],
  ['a host under the wildcard, from the inner host', 'inner.wide.test', 'x.wide.test', 421],
  ['a host under an inner wildcard, from the outer wildcard', 'x.wide.test', 'x.inner.wide.test', 421],
  ['its own host, with a certificate that does not cover it', 'wrong.test', 'wrong.test', 200],
  ['another host with the same wrong certificate', 'wrong.test', 'wronger.test', 421],
  ['its own host under a wildcard, with a certificate that does not cover it', 'x.wrong.test', 'x.wrong.test', 200],
  ['a neighbour under that wildcard', 'x.wrong.test', 'y.wrong.test', 421],
])('on the connection of a host, a request to %s: %s → %s, %i', async (_, servername, host, status) => {
  for (const state of ['cold or not', 'warm']) expect((await get(servername, host)).status, state).toBe(status);
});

test.each([
  ['strict.test', 'x.strict.test', 200],
  ['x.strict.test', 'strict.test', 200],
  ['x.strict.test', 'y.strict.test', 200],
  ['x.strict.test', 'one.strict.test', 421],
  ['one.strict.test', 'one.strict.test', 200],
  ['one.strict.test', 'x.strict.test', 421],
  ['one.strict.test', 'ONE.strict.test:443', 200],
  ['x.inner.strict.test', 'x.inner.strict.test', 200],
  ['x.strict.test', 'x.inner.strict.test', 421],
  ['x.inner.strict.test', 'x.strict.test', 421],
])('a host accepts connections of its own server only: %s → %s, %i', async (serverName, host, status) => {
  for (const state of ['cold or not', 'warm']) expect((await get(serverName, host)).status, state).toBe(status);
  const request = { authority: host, path: '/x', scheme: 'https', serverName } as const;
  const { outcome } = explain(served.configuration, TENANT, served.fleet, request);
  expect(outcome).toBe({ 200: 'matched', 421: 'misdirected' }[status]);
});

test('a client’s header does not avoid the 421, and the reserved headers do not reach the application', async () => {
  for (const value of [serverNamed('c.sisters.test'), 'covered', ''])
    for (const more of [
      { [SERVER_NAME_HEADER]: value },
      { connection: SERVER_NAME_HEADER, [SERVER_NAME_HEADER]: value },
    ])
      expect((await get('a.sisters.test', 'c.sisters.test', more)).status).toBe(421);
  expect((await get('covered.wide.test', 'x.y.wide.test')).status).toBe(421);
  // No host has such a name, so the connection is closed.
  for (const name of [serverNamed('x'), '*.wide.test'])
    await expect(get(`${name}.wide.test`, 'x.y.wide.test')).rejects.toThrow();
  const { seen } = await get('a.sisters.test', 'b.sisters.test', { [SERVER_NAME_HEADER]: 'x' });
  expect(Object.keys(seen!.headers).filter((name) => name.startsWith('x-gatehouse'))).toEqual([]);
});

test('paths are normalized as usual on the connection of a sister host', async () => {
  expect((await get('a.sisters.test', 'b.sisters.test', {}, '//')).seen?.url).toBe('/');
  expect((await get('a.sisters.test', 'b.sisters.test', {}, '/a%2Fb')).status).toBe(307);
  expect((await get('a.sisters.test', 'c.sisters.test', {}, '/a%2Fb')).status).toBe(421);
});

test('requests over HTTP get no 421, because HTTP has no server names', async () => {
  for (const host of ['a.sisters.test', 'x.y.wide.test']) {
    const { status, seen } = await ask({
      port: served.ports.http,
      path: '/x',
      headers: { host, [SERVER_NAME_HEADER]: 'x' },
    });
    expect([status, seen?.headers[SERVER_NAME_HEADER]]).toEqual([200, undefined]);
  }
});

test('one HTTP/2 connection serves its host and a sister host, GET and POST, and gets 421 for other hosts', async () => {
  const session = connectHttp2(`https://a.sisters.test:${served.ports.https}`, {
    host: '127.0.0.1',
    servername: 'a.sisters.test',
    ca: served.authority.pem,
  });
  const status = (authority: string, method: string) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':authority': authority, ':path': '/', ':method': method });
      stream.on('response', (headers) => resolve(headers[':status'])).on('error', reject);
      stream.resume().end(method === 'POST' ? 'body' : undefined);
    });
  const all = ['GET', 'POST'].flatMap((method) =>
    ['a.sisters.test', 'b.sisters.test', 'c.sisters.test', 'x.wide.test'].map((host) => status(host, method)),
  );
  expect(await Promise.all(all)).toEqual([200, 200, 421, 421, 200, 200, 421, 421]);
  session.close();
});

test('a client without a server name gets the hosts of `*`, and other hosts only if the certificate covers them', async () => {
  const say = (body: string): Rule => ({ directResponse: { status: 200, body } });
  const server = (credentialName: string, host: string) => ({
    port: { number: 443, name: credentialName, protocol: 'HTTPS' as const },
    hosts: [host],
    tls: { mode: 'SIMPLE' as const, credentialName },
  });
  const { edge, ports } = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: [server('any', '*'), server('named', 'named.test'), server('covered', 'covered.test')],
        },
      },
      routes: {
        any: { hosts: ['*'], gateways: ['web'], http: [say('any')] },
        named: { hosts: ['named.test', 'covered.test'], gateways: ['web'], http: [say('named')] },
      },
    },
    { any: ['any.test', 'covered.test'], named: ['named.test'], covered: ['covered.test'] },
    { tenant: TENANT },
  );
  const nameless = async (host: string) => {
    const options = { port: ports.https, servername: '', rejectUnauthorized: false, headers: { host } };
    const { status, body } = await ask(options, true);
    return [status, body];
  };
  try {
    expect(await nameless('192.0.2.1')).toEqual([200, 'any']);
    expect(await nameless('192.0.2.1:443')).toEqual([200, 'any']);
    expect(await nameless('x.test')).toEqual([200, 'any']);
    expect(await nameless('covered.test')).toEqual([200, 'named']);
    expect(await nameless('named.test')).toEqual([421, '']);
  } finally {
    await edge.close();
  }
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
