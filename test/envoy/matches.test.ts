/** Conditions on cookies, scheme, authority, client address and gRPC calls on a real Envoy, on cold and warm hosts. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Match } from '../../model/route/match.ts';
import { raw, type Served, serving } from './edge.ts';

type Asked = { headers?: Record<string, string>; path?: string; method?: string };
interface Case {
  match: object;
  /** The host of the case in the Host header; default: without a port. */
  authority?: string;
  matches: Asked[];
  differs: Asked[];
  /** The scheme of the connection; default: http, then https. */
  scheme?: 'http' | 'https';
}
const cookie = (value: string): Asked => ({ headers: { cookie: value } });
const call = (path: string, type = 'application/grpc'): Asked => ({
  path,
  method: 'POST',
  headers: { 'content-type': type, 'content-length': '0' },
});
const FORGED = { 'x-envoy-external-address': '10.0.0.1', 'x-forwarded-for': '10.0.0.1', 'x-real-ip': '10.0.0.1' };
const CASES: Record<string, Case> = {
  cookie: {
    match: { cookies: { canary: { exact: 'yes' } } },
    matches: [cookie('canary=yes'), cookie('a=b; canary=yes'), cookie('canary="yes"'), cookie('canary=yes; canary=no')],
    differs: [{}, cookie('canary=no'), cookie('Canary=yes'), cookie('xcanary=yes'), cookie('canary=no; canary=yes')],
  },
  cookie_present: {
    match: { cookies: { id: { present: true } } },
    matches: [cookie('id='), cookie('id=7')],
    differs: [{}, cookie('di=7'), cookie('id')],
  },
  scheme: {
    match: { scheme: { exact: 'https' } },
    scheme: 'https',
    matches: [{}, { headers: { 'x-forwarded-proto': 'http' } }],
    differs: [],
  },
  no_scheme: {
    match: { scheme: { exact: 'https' } },
    scheme: 'http',
    matches: [],
    differs: [{}, { headers: { 'x-forwarded-proto': 'https' } }],
  },
  source: {
    match: { source: ['10.0.0.0/8', '127.0.0.0/8'] },
    matches: [{}, { headers: FORGED }],
    differs: [],
  },
  other_source: {
    match: { source: ['10.0.0.0/8', '2001:db8::/32', '::/0'] },
    matches: [],
    differs: [{}, { headers: FORGED }, { headers: { connection: 'x-envoy-external-address', ...FORGED } }],
  },
  grpc: {
    match: { grpc: { service: { exact: 'shop.Cart' }, method: { regex: 'Add.*' } } },
    matches: [
      call('/shop.Cart/AddItem'),
      call('/shop.Cart/Add', 'application/grpc+proto'),
      call('/shop.Cart/AddItem', 'application/grpc-web'),
    ],
    differs: [call('/shop.Cart/Remove'), call('/shop.CartX/AddItem'), call('/shop.Cart/AddItem', 'text/plain')],
  },
  grpc_service: {
    match: { grpc: { service: { exact: 'shop.Cart' } } },
    matches: [call('/shop.Cart/AddItem')],
    differs: [call('/shop.Carts/AddItem'), call('/x/shop.Cart/AddItem'), { path: '/shop.Cart/AddItem' }],
  },
};

let served: Served;
const hostOf = (name: string) => `${name.replace('_', '-')}.match.test`;
beforeAll(async () => {
  const hosts = [...Object.keys(CASES).map(hostOf), 'authority.match.test'];
  const server = (number: number, protocol: 'HTTP' | 'HTTPS') => ({
    port: { number, name: protocol.toLowerCase(), protocol },
    hosts,
    ...(protocol === 'HTTPS' && { tls: { mode: 'SIMPLE' as const, credentialName: 'any' } }),
  });
  // A gRPC client gets the status in a header, so the rule is shown by a header too.
  const answer = (rule: string) => ({
    directResponse: { status: 404 },
    headers: { response: { set: { 'x-rule': rule } } },
  });
  served = await serving(
    {
      gateways: { web: { selector: { ingress: 'public' }, servers: [server(80, 'HTTP'), server(443, 'HTTPS')] } },
      routes: Object.fromEntries(
        [...Object.entries(CASES), ['authority', { match: { authority: { regex: '.*:8080' } } }] as const].map(
          ([name, { match }]) => [
            name.replace('_', '-'),
            {
              hosts: [hostOf(name)],
              gateways: ['web'],
              http: [{ match: [Match.parse(match)], ...answer('matched') }, answer('other')],
            },
          ],
        ),
      ),
    },
    { any: ['*.match.test'] },
  );
});
afterAll(() => served?.edge.close());

async function ask(
  host: string,
  scheme: 'http' | 'https',
  { headers = {}, path = '/', method = 'GET' }: Asked,
): Promise<string> {
  const port = served.ports[scheme];
  const tls = scheme === 'https' && { servername: host.replace(/:.*/, ''), ca: served.authority.pem };
  const lines = Object.entries({ host, connection: 'close', ...headers }).map(([key, value]) => `${key}: ${value}\r\n`);
  const [answer] = await raw({ port, ...(tls && { tls }) }, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return answer!.headers['x-rule']![0]!;
}

describe.each(Object.entries(CASES))('%s', (name, { matches, differs, scheme }) => {
  const schemes = scheme ? [scheme] : (['http', 'https'] as const);
  test.each(schemes)('over %s, when the host is cold and when it is warm', async (each) => {
    const first = matches[0] ?? differs[0]!;
    const outcomes = async (asked: Asked[]) => {
      const all: string[] = [];
      for (const one of asked) all.push(await ask(hostOf(name), each, one));
      return all;
    };
    expect(await outcomes([first])).toEqual([matches[0] ? 'matched' : 'other']);
    expect(await outcomes(matches)).toEqual(matches.map(() => 'matched'));
    expect(await outcomes(differs)).toEqual(differs.map(() => 'other'));
  });
});

test('an authority is compared as the client wrote it, with its port', async () => {
  for (const scheme of ['http', 'https'] as const) {
    expect(await ask('authority.match.test:8080', scheme, {})).toBe('matched');
    expect(await ask('authority.match.test', scheme, {})).toBe('other');
  }
});

test('the scheme that a client of HTTP/2 writes does not count', async () => {
  const session = connect(`http://127.0.0.1:${served.ports.http}`);
  const request = session.request({ ':path': '/', ':authority': hostOf('no_scheme'), ':scheme': 'https' });
  const [headers] = await once(request, 'response');
  session.destroy();
  expect(headers['x-rule']).toBe('other');
});
