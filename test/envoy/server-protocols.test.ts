/** The protocols of servers beside HTTP and HTTPS, on a real Envoy: HTTP by other names, and TLS that is forwarded. */
import { connect as connectHttp2 } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import { Feed } from '../dataplane/feed.ts';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

const authority = await Authority.create();
const clients = await Authority.create();
const server = await authority.issue('*.proto.test');
const client = await clients.issue('client.test');
let feed: Feed;
let envoy: RunningEnvoy;
let echo: Awaited<ReturnType<typeof startEcho>>;
const closing: Server[] = [];
const bind = { http: 0, https: 0, tls: 0 };
const ports: Record<string, number> = {};

/** Starts a server without TLS that greets each connection with its name. @returns its port */
const greeter = (name: string) =>
  new Promise<number>((resolve) => {
    const greeting = createServer((socket: Socket) => {
      socket.on('error', () => {});
      socket.write(`${name}\n`);
      socket.pipe(socket);
    });
    closing.push(greeting);
    greeting.listen(0, '127.0.0.1', () => resolve((greeting.address() as { port: number }).port));
  });

interface TlsClient {
  port?: number;
  certificate?: typeof client;
  localAddress?: string;
  alpn?: string[];
}

/** Opens a TLS connection and sends a line. @returns the greeting and the echo; empty when it fails */
const talk = (servername: string, { port = bind.tls, certificate, localAddress, alpn }: TlsClient = {}) =>
  new Promise<string>((resolve) => {
    const socket = connect({
      ...{ port, host: '127.0.0.1', servername, ca: authority.pem },
      ...(certificate && { cert: certificate.certificateChain, key: certificate.privateKey }),
      ...(localAddress && { localAddress }),
      ...(alpn && { ALPNProtocols: alpn }),
    });
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('secureConnect', () => socket.write('ping\n'));
    socket.on('data', (data) => {
      text += data;
      if (text.split('\n').length > 2) socket.destroy();
    });
    socket.on('close', () => resolve(text));
  });

beforeAll(async () => {
  for (const name of ['http', 'https', 'tls'] as const) bind[name] = await freePort();
  echo = await startEcho();
  for (const name of ['one', 'two', 'other']) ports[name] = await greeter(name);
  feed = await Feed.start({
    ...{ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1' },
    ports: [
      { number: 80, bind: bind.http, protocol: 'HTTP' },
      { number: 443, bind: bind.https, protocol: 'HTTPS' },
      { number: 8883, bind: bind.tls, protocol: 'TLS' },
    ],
    denyDestinations: ['127.0.0.9'],
  });
  envoy = await runBeside(feed.folder, 'edge');
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  echo?.server.close();
  for (const each of closing) each.close();
});

type Document = Parameters<Feed['tell']>[1];
type Servers = NonNullable<Document['gateways']>[string]['servers'];
type Route = NonNullable<Document['routes']>[string];
const publish = async (tenant: string, document: Document) => {
  const seq = feed.tell(tenant, document, { proto: server.privateKey });
  await until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
};
const to = (upstream: string) => [{ destination: { upstream } }];
const simple = { mode: 'SIMPLE' as const, credentialName: 'proto' };
const document = (servers: Servers, route: Omit<Route, 'gateways'>): Document => ({
  gateways: { door: { selector: { ingress: 'public' }, servers } },
  routes: { way: { gateways: ['door'], ...route } as Route },
  upstreams: {
    web: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] },
    ...Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [name, { port, endpoints: [{ address: '127.0.0.1' }] }]),
    ),
    denied: { port: ports.one!, endpoints: [{ address: '127.0.0.9' }] },
  },
  certificates: { proto: { certificateChain: server.certificateChain } },
  trustBundles: { clients: { certificates: clients.pem } },
});

/** Sends one request over HTTP/2. @returns its status */
const http2 = (url: string, host: string) =>
  new Promise<number>((resolve, reject) => {
    const session = connectHttp2(url, { ca: authority.pem, servername: host });
    session.on('error', reject);
    const request = session.request({ ':path': '/', ':authority': host });
    request.on('response', (headers) => {
      resolve(headers[':status']!);
      session.close();
    });
    request.on('error', reject);
    request.resume();
  });

describe('GRPC, GRPC-WEB and HTTP2', () => {
  const servers = (tls?: typeof simple): Servers =>
    (['GRPC', 'GRPC-WEB', 'HTTP2', 'HTTP'] as const)
      .filter((protocol) => !tls || protocol !== 'HTTP')
      .map((protocol) => ({
        port: { number: tls ? 443 : 80, name: protocol.toLowerCase(), protocol },
        hosts: [`${protocol.toLowerCase()}.proto.test`],
        ...(tls && { tls }),
      }));
  it('share a port with HTTP, and accept HTTP/2 with prior knowledge and HTTP/1.1', async () => {
    await publish('acme', document(servers(), { hosts: ['*.proto.test'], http: [{ route: to('web') }] }));
    for (const host of ['grpc.proto.test', 'grpc-web.proto.test', 'http2.proto.test', 'http.proto.test']) {
      expect([host, await http2(`http://127.0.0.1:${bind.http}`, host)]).toEqual([host, 200]);
      expect((await ask({ port: bind.http, headers: { host } })).status).toBe(200);
    }
  });

  it('with tls they are served as HTTPS is', async () => {
    await publish('acme', document(servers(simple), { hosts: ['*.proto.test'], http: [{ route: to('web') }] }));
    for (const host of ['grpc.proto.test', 'grpc-web.proto.test', 'http2.proto.test'])
      expect([host, await http2(`https://127.0.0.1:${bind.https}`, host)]).toEqual([host, 200]);
  });
});

describe.each([
  ['a port for TLS', 8883],
  ['a port for HTTPS, beside an HTTPS server', 443],
])('TLS on %s', (_, number) => {
  const at = () => ({ port: number === 443 ? bind.https : bind.tls });
  const name = number === 443 ? 'x' : 't';
  const web: Servers[number] = {
    port: { number: 443, name: 'web', protocol: 'HTTPS' },
    hosts: ['web.proto.test'],
    tls: simple,
  };
  const opened = (tls: Servers[number]['tls'], host = `*.${name}.proto.test`): Servers => [
    { port: { number, name: 'tls', protocol: 'TLS' }, hosts: [host], tls: tls! },
    web,
  ];
  const host = (label: string) => `${label}.proto.test`;

  it('is decrypted, and the most specific server name decides', async () => {
    const servers: Servers = [
      { port: { number, name: 'tls', protocol: 'TLS' }, hosts: ['*.proto.test'], tls: simple },
      web,
    ];
    const tls = [
      { match: [{ sniHosts: ['*.proto.test'] }], route: to('two') },
      { match: [{ sniHosts: [host('one')] }], route: to('one') },
      { match: [{ sniHosts: [host('denied')] }], route: to('denied') },
    ];
    await publish('acme', document(servers, { hosts: ['*.proto.test'], tls, http: [{ route: to('web') }] }));
    expect(await talk(host('one'), at())).toBe('one\nping\n');
    expect(await talk(host('any'), at())).toBe('two\nping\n');
    expect(await talk(host('any'), { ...at(), alpn: ['mqtt'] })).toBe('two\nping\n');
    expect(await talk(host('denied'), at())).toBe('');
    expect(await talk('foreign.test', at())).toBe('');
    const answer = { port: bind.https, servername: host('web'), ca: authority.pem, headers: { host: host('web') } };
    expect((await ask(answer, true)).status).toBe(200);
    if (number === 443) expect((await ask({ ...answer, headers: { host: host('one') } }, true)).status).toBe(421);
  });

  it('is forwarded by tcp rules where no tls rule matches, by the address of the client', async () => {
    const servers: Servers = [{ port: { number, name: 'tls', protocol: 'TLS' }, hosts: ['*.proto.test'], tls: simple }];
    const route = {
      hosts: ['*.proto.test'],
      tls: [{ match: [{ sniHosts: [host('one')] }], route: to('one') }],
      tcp: [
        { match: [{ port: 1 }], route: to('denied') },
        { match: [{ source: ['127.0.0.2'] }], route: to('two') },
        { match: [{ source: ['127.0.0.0/30'], port: number }], route: to('other') },
      ],
    };
    const written = document(servers, route);
    await publish('acme', written);
    const fleet = { ...(await fleetOf(number)), tenant: 'acme' };
    const configuration = Configuration.fromDocument(written);
    for (const [label, localAddress, rule, greeting] of [
      ['one', '127.0.0.3', '/tls/0', 'one'],
      ['x', '127.0.0.2', '/tcp/1', 'two'],
      ['x', '127.0.0.1', '/tcp/2', 'other'],
      ['x', '127.0.0.8', 'no rule', ''],
    ] as const) {
      const { why } = explain(configuration, 'acme', fleet, {
        ...{ scheme: 'https', port: number, authority: host(label), clientAddress: localAddress },
      });
      expect(why).toContain(rule);
      expect([localAddress, await talk(host(label), { ...at(), localAddress })]).toEqual([
        localAddress,
        greeting && `${greeting}\nping\n`,
      ]);
    }
  });

  it('MUTUAL rejects a client without a certificate', async () => {
    const servers = opened({ ...simple, mode: 'MUTUAL', caCertificates: 'clients' }, '*.proto.test').slice(0, 1);
    await publish('acme', document(servers, { tcp: [{ route: to('one') }] }));
    expect(await talk(host('any'), at())).toBe('');
    expect(await talk(host('any'), { ...at(), certificate: server })).toBe('');
    expect(await talk(host('any'), { ...at(), certificate: client })).toBe('one\nping\n');
  });

  it('a new host of another tenant closes no connection, and the last host closes the names', async () => {
    await publish('acme', document(opened(simple, host('own')), { tcp: [{ route: to('one') }], hosts: [host('own')] }));
    const socket = connect({ port: at().port, host: '127.0.0.1', servername: host('own'), ca: authority.pem });
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => (text += data));
    await until('the greeting', () => text === 'one\n');
    const foreign: Servers = [{ port: { number, name: 'tls', protocol: 'TLS' }, hosts: [host('other')], tls: simple }];
    await publish('other', document(foreign, { tcp: [{ route: to('other') }] }));
    expect(await talk(host('other'), at())).toBe('other\nping\n');
    socket.write('still here\n');
    await until('the echo', () => text === 'one\nstill here\n');
    socket.destroy();
    await publish('other', {});
    await until('the host to be gone', async () => (await talk(host('other'), at())) === '');
    expect(await talk(host('own'), at())).toBe('one\nping\n');
  });
});

const fleetOf = async (number: number) => ({
  name: 'edge',
  labels: { ingress: 'public' },
  ports: [{ number, bind: number, protocol: number === 443 ? ('HTTPS' as const) : ('TLS' as const) }],
});
