/** Ports whose connections are forwarded as they are, on a real Envoy: each belongs to one tenant. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../dataplane/envoy/limits.ts';
import { Feed } from '../dataplane/feed.ts';
import { NameServer } from '../e2e/dns.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

const TOTAL = 'tcp.tenants.downstream_cx_total';
/** How many files Envoy may open. */
const FILES = 4400;

let feed: Feed;
let envoy: RunningEnvoy;
let names: NameServer;
const bind: Record<'http' | 'one' | 'two' | 'mongo', number> = { http: 0, one: 0, two: 0, mongo: 0 };
const closing: Server[] = [];
let stable: number;
let canary: number;

/** Starts a server that greets each connection with its name and then echoes. @returns its port */
const greeter = (name: string, port = 0, address = '127.0.0.1') =>
  new Promise<number>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(`${name}\n`);
      socket.pipe(socket);
    });
    closing.push(server);
    server.listen(port, address, () => resolve((server.address() as { port: number }).port));
  });

/** Connects, sends a line, and returns everything that arrives until both lines are there or the connection closes. */
const talk = (port: number, line = 'ping', localAddress = '127.0.0.1') =>
  new Promise<string>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('connect', () => socket.write(`${line}\n`, 'latin1'));
    socket.on('data', (data) => {
      text += data;
      if (text.split('\n').length > 2) socket.destroy();
    });
    socket.on('close', () => resolve(text));
  });

beforeAll(async () => {
  for (const name of ['http', 'one', 'two', 'mongo'] as const) bind[name] = await freePort();
  [stable, canary] = [await greeter('stable'), await greeter('canary')];
  const ports = [
    { number: 80, bind: bind.http, protocol: 'HTTP' as const },
    { number: 5432, bind: bind.one, protocol: 'POSTGRES' as const },
    { number: 6000, bind: bind.two, protocol: 'TCP' as const },
    { number: 27017, bind: bind.mongo, protocol: 'MONGO' as const },
  ];
  const denyDestinations = ['127.0.0.9'];
  names = await NameServer.start();
  const fleet = { name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports, denyDestinations };
  feed = await Feed.start(fleet, {}, { nameServers: `127.0.0.1:${names.port}` });
  envoy = await runBeside(feed.folder, 'edge', {
    limits: { ...defaultLimits(FILES), tenantConnections: FILES, tenantClients: FILES },
  });
  execFileSync('prlimit', ['--pid', String(envoy.pid), `--nofile=${FILES}:${FILES}`]);
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  for (const server of closing) server.close();
  await names?.stop();
});

const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
type Document = Parameters<Feed['tell']>[1];
type Server_ = NonNullable<Document['gateways']>[string]['servers'][number];
type Tcp = NonNullable<NonNullable<Document['routes']>[string]['tcp']>;

const server = (number: number, protocol: Server_['port']['protocol']): Server_ => ({
  port: { number, name: `p${number}`, protocol },
  hosts: ['*'],
});
const upstreams = (): NonNullable<Document['upstreams']> => ({
  stable: { port: stable, endpoints: [{ address: '127.0.0.1' }] },
  canary: { port: canary, endpoints: [{ address: '127.0.0.1' }] },
});
/** One tenant with a gateway of these servers, and a route with these rules for connections. */
const tenant = (servers: Server_[], tcp: Tcp): Document => ({
  gateways: { door: { selector: { ingress: 'public' }, servers } },
  routes: { way: { gateways: ['door'], tcp } },
  upstreams: upstreams(),
});
const to = (upstream: string) => ({ destination: { upstream } });

describe('a port of a tenant', () => {
  it('carries bytes in both directions, as soon as the change is live', async () => {
    await live(feed.tell('acme', tenant([server(5432, 'POSTGRES')], [{ route: [to('stable')] }])));
    expect(await talk(bind.one)).toBe('stable\nping\n');
  });

  it('moves to another upstream without a restart, and open connections keep theirs', async () => {
    const socket = connect({ port: bind.one, host: '127.0.0.1' });
    let text = '';
    socket.on('data', (data) => (text += data));
    await until('the greeting', () => text === 'stable\n');
    await live(feed.tell('acme', tenant([server(5432, 'POSTGRES')], [{ route: [to('canary')] }])));
    expect(await talk(bind.one)).toBe('canary\nping\n');
    socket.write('still here\n');
    await until('the echo on the old connection', () => text === 'stable\nstill here\n');
    socket.destroy();
  });

  it('splits connections by weight', async () => {
    const route = [
      { ...to('stable'), weight: 90 },
      { ...to('canary'), weight: 10 },
    ];
    await live(feed.tell('acme', tenant([server(5432, 'POSTGRES')], [{ route }])));
    const all = await Promise.all(Array.from({ length: 1000 }, () => talk(bind.one)));
    const share = all.filter((text) => text.startsWith('canary')).length;
    expect(all.filter((text) => text === '')).toEqual([]);
    expect(share).toBeGreaterThan(60);
    expect(share).toBeLessThan(140);
  });

  it('uses the first rule that matches the port and the address of the client, however the ranges nest', async () => {
    const rules: Tcp = [
      { match: [{ port: 6000 }], route: [to('canary')] },
      { match: [{ source: ['127.0.0.0/30'] }], route: [to('stable')] },
      { match: [{ source: ['127.0.0.2'] }], route: [to('canary')] },
      { match: [{ source: ['127.0.0.0/8'], port: 5432 }], route: [to('canary')] },
    ];
    await live(feed.tell('acme', tenant([server(5432, 'POSTGRES'), server(6000, 'TCP')], rules)));
    expect(await talk(bind.one, 'x', '127.0.0.1')).toMatch(/^stable/);
    expect(await talk(bind.one, 'x', '127.0.0.2')).toMatch(/^stable/);
    expect(await talk(bind.one, 'x', '127.0.1.2')).toMatch(/^canary/);
    expect(await talk(bind.two, 'x', '127.0.0.1')).toMatch(/^canary/);
  });

  it('closes connections that no rule matches', async () => {
    const rules: Tcp = [{ match: [{ source: ['10.0.0.0/8'] }], route: [to('stable')] }];
    await live(feed.tell('acme', tenant([server(5432, 'POSTGRES')], rules)));
    expect(await talk(bind.one)).toBe('');
  });

  it('never carries bytes to a denied address', async () => {
    const document = tenant([server(5432, 'POSTGRES')], [{ route: [to('stable')] }]);
    document.upstreams!.stable!.endpoints = [{ address: '127.0.0.9' }];
    await live(feed.tell('acme', document));
    expect(await talk(bind.one)).toBe('');
  });

  it('carries bytes to the addresses of a DNS name, and never to a denied one', async () => {
    await greeter('denied', stable, '127.0.0.9');
    names.set('db.test', '127.0.0.1', '127.0.0.9');
    const document = tenant([server(5432, 'POSTGRES')], [{ route: [to('stable')] }]);
    document.upstreams!.stable!.endpoints = [{ address: 'db.test' }];
    await live(feed.tell('acme', document));
    for (let n = 0; n < 10; n++) expect(await talk(bind.one)).toBe('stable\nping\n');
    names.set('db.test', '127.0.0.9');
    await until('the last address to be gone', async () => (await talk(bind.one)) === '');
    for (let n = 0; n < 5; n++) expect(await talk(bind.one)).toBe('');
    names.set('db.test', '127.0.0.1');
    await until('the address', async () => (await talk(bind.one)) === 'stable\nping\n');
  });

  it('never carries bytes to a name that Envoy resolves, whose address no filter compares with the deny list', async () => {
    const document = tenant([server(5432, 'POSTGRES')], [{ route: [to('stable')] }]);
    document.upstreams!.stable = { port: stable, dns: 'logical', endpoints: [{ address: 'localhost' }] };
    await live(feed.tell('acme', document));
    expect(await talk(bind.one)).toBe('');
  });

  it('does not read the messages of a database, so that clients create no statistics', async () => {
    await live(feed.tell('acme', tenant([server(27017, 'MONGO')], [{ route: [to('stable')] }])));
    // OP_QUERY for the collection `db.chosen`: the header, the flags, the name, how many documents, and an empty one.
    const name = Buffer.from('db.chosen\0');
    const query = Buffer.concat([Buffer.alloc(20), name, Buffer.alloc(8), Buffer.from([5, 0, 0, 0, 0])]);
    query.writeInt32LE(query.length, 0);
    query.writeInt32LE(2004, 12);
    expect(await talk(bind.mongo, query.toString('latin1'))).toContain('db.chosen');
    expect((await envoy.admin('/stats?filter=chosen')).body).toBe('');
  });
});

it('another tenant has another port, and hosts over HTTP are not affected', async () => {
  const echo = await startEcho();
  await live(feed.tell('acme', tenant([server(5432, 'POSTGRES')], [{ route: [to('stable')] }])));
  await live(
    feed.tell('other', {
      gateways: {
        door: {
          selector: { ingress: 'public' },
          servers: [server(6000, 'TCP'), { ...server(80, 'HTTP'), hosts: ['other.test'] }],
        },
      },
      routes: {
        both: {
          hosts: ['other.test'],
          gateways: ['door'],
          http: [{ route: [to('web')] }],
          tcp: [{ match: [{ port: 6000 }], route: [to('canary')] }],
        },
      },
      upstreams: { ...upstreams(), web: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] } },
    }),
  );
  // The host of the route does not meet `*` as a name of the connection: a connection has none.
  expect(await talk(bind.two)).toBe('canary\nping\n');
  expect(await talk(bind.one)).toBe('stable\nping\n');
  expect((await ask({ port: bind.http, headers: { host: 'other.test' } })).status).toBe(200);
  await live(feed.tell('other', {}));
  await until('the port to close', async () => (await talk(bind.two)) === '');
  expect(await talk(bind.one)).toBe('stable\nping\n');
  echo.server.close();
});

it.each(['127.0.0.1', '0.0.0.0', 'localhost'])(
  'no connection goes to the port itself at %s, without end',
  async (address) => {
    const document = tenant([server(5432, 'POSTGRES')], [{ route: [to('self')] }]);
    document.upstreams!.self = { port: bind.one, endpoints: [{ address }] };
    await live(feed.tell('acme', document));
    const connections = async () =>
      Number((await envoy.admin(`/stats?filter=^${TOTAL}$`)).body.slice(TOTAL.length + 1));
    const before = await connections();
    expect(await talk(bind.one)).toBe('');
    expect((await connections()) - before).toBe(1);
  },
);

it('asks silent clients whether they are still there', async () => {
  await live(feed.tell('acme', tenant([server(5432, 'POSTGRES')], [{ route: [to('stable')] }])));
  const socket = connect({ port: bind.one, host: '127.0.0.1' });
  await new Promise((resolve) => socket.once('data', resolve));
  const local = `0100007F:${bind.one.toString(16).toUpperCase().padStart(4, '0')}`;
  // The columns: number, local address, peer, state (1 = established), queues, timer (2 = keepalive) and when it is due.
  const [timer] = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .flatMap(([, address, , state, , tr = '']) => (address === local && state === '01' ? [tr] : []));
  socket.destroy();
  const [kind, hundredths] = timer!.split(':').map((part) => Number.parseInt(part, 16));
  expect(kind).toBe(2);
  expect(hundredths).toBeLessThanOrEqual(45 * 100);
});

it('Envoy survives more connections than it has file descriptors for', async () => {
  await live(feed.tell('acme', tenant([server(5432, 'POSTGRES')], [{ route: [to('stable')] }])));
  const flood = Array.from({ length: FILES * 0.6 }, () => connect({ port: bind.one, host: '127.0.0.1' }));
  // A client whose last packet of the handshake got lost in the flood hears nothing before it sends something.
  for (const socket of flood) socket.on('error', () => {}).on('connect', () => socket.write('x'));
  const greeted = Promise.all(
    flood.map(
      (socket) => new Promise((resolve) => socket.on('data', () => resolve(true)).on('close', () => resolve(false))),
    ),
  );
  expect((await greeted).filter(Boolean)).toHaveLength(FILES / 4);
  for (const socket of flood) socket.destroy();
  await until('room for a connection', async () => (await talk(bind.one)) === 'stable\nping\n');
});
