/** Requests for other hosts than the one their connection was opened for (RFC 9110 §15.5.20), on a real Envoy. */
import { connect as connectHttp2 } from 'node:http2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SERVER_NAME_HEADER, serverNamed } from '../../dataplane/compile/values/names.ts';
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
};
const HOSTS: Record<string, string[]> = {
  sisters: ['a.sisters.test', 'b.sisters.test', 'cold.sisters.test'],
  other: ['c.sisters.test'],
  wide: ['*.wide.test'],
  inner: ['inner.wide.test', '*.inner.wide.test'],
  wrong: ['wrong.test', 'wronger.test', '*.wrong.test'],
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
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.wide.test', 'a.sisters.test'] },
          ],
        },
      },
      routes: { app: { hosts: Object.values(HOSTS).flat(), gateways: ['web'], http: [forward] } },
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
  ['its own host, written otherwise', 'a.sisters.test', 'A.Sisters.test.:443', 200],
  ['its own host, the name in capitals', 'B.SISTERS.test', 'b.sisters.test', 200],
  ['a sister on the same certificate', 'a.sisters.test', 'b.sisters.test', 200],
  ['a sister on the same certificate, written otherwise', 'a.sisters.test', 'B.sisters.TEST:8443', 200],
  ['a host that the same certificate does not cover', 'a.sisters.test', 'cold.sisters.test', 421],
  ['a host on another certificate', 'a.sisters.test', 'c.sisters.test', 421],
  ['a host on another certificate, backwards', 'c.sisters.test', 'a.sisters.test', 421],
  ['a host that another certificate covers too', 'x.wide.test', 'a.sisters.test', 200],
  ['that the other way round, which covers nothing', 'a.sisters.test', 'x.wide.test', 421],
  ['its own host under a wildcard', 'x.wide.test', 'x.wide.test', 200],
  ['its own host under a wildcard, in capitals', 'x.wide.test', 'X.Wide.test', 200],
  ['its own host deep under a wildcard, uncovered', 'x.y.wide.test', 'x.y.wide.test', 200],
  ['one label under the certificate’s wildcard', 'x.wide.test', 'y.wide.test', 200],
  ['two labels under it', 'x.wide.test', 'x.y.wide.test', 421],
  ['the wildcard’s apex, as a host of nobody', 'x.wide.test', 'wide.test', 404],
  ['a host inside the wildcard with its own certificate', 'x.wide.test', 'inner.wide.test', 200],
  ['the wildcard from inside', 'inner.wide.test', 'x.wide.test', 421],
  ['a wildcard inside from outside', 'x.wide.test', 'x.inner.wide.test', 421],
  ['its own host, whatever the certificate says', 'wrong.test', 'wrong.test', 200],
  ['another that shows the same wrong certificate', 'wrong.test', 'wronger.test', 421],
  ['its own host under a wildcard, whatever the certificate says', 'x.wrong.test', 'x.wrong.test', 200],
  ['a neighbour under that wildcard', 'x.wrong.test', 'y.wrong.test', 421],
])('a connection carries %s: %s → %s, %i', async (_, servername, host, status) => {
  for (const state of ['cold or not', 'warm']) expect((await get(servername, host)).status, state).toBe(status);
});

test('no header of a client makes it pass, and none of ours reaches the application', async () => {
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

test('paths are read as ever on a connection to a sister', async () => {
  expect((await get('a.sisters.test', 'b.sisters.test', {}, '//')).seen?.url).toBe('/');
  expect((await get('a.sisters.test', 'b.sisters.test', {}, '/a%2Fb')).status).toBe(307);
  expect((await get('a.sisters.test', 'c.sisters.test', {}, '/a%2Fb')).status).toBe(421);
});

test('HTTP has no server names: nothing is asked of it', async () => {
  for (const host of ['a.sisters.test', 'x.y.wide.test']) {
    const { status, seen } = await ask({
      port: served.ports.http,
      path: '/x',
      headers: { host, [SERVER_NAME_HEADER]: 'x' },
    });
    expect([status, seen?.headers[SERVER_NAME_HEADER]]).toEqual([200, undefined]);
  }
});

test('one HTTP/2 connection carries its host and its sister, GET and POST, and is told of the others', async () => {
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

test('a client without a server name is served the hosts of `*`, and no other that the certificate does not cover', async () => {
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

test('nothing was refused', () => expect(served.edge.nacks).toEqual([]));
