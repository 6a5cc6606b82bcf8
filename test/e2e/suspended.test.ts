import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Authority } from './authority.ts';
import { Backend } from './backend.ts';
import { http, https } from './edge.ts';
import { until } from './process.ts';
import { freePort, Stack } from './stack.ts';

const TENANTS = ['books', 'music'] as const;
type Tenant = (typeof TENANTS)[number];
let stack: Stack;
let authority: Authority;
/** The applications of both tenants: what they send back begins with the name of the tenant. */
const apps: Record<string, { web: Backend; tcp: Server; tls: Server; udp: UdpSocket; ports: Record<string, number> }> =
  {};
const bind: Record<string, number> = {};
const NUMBERS = { books: { tcp: 5001, udp: 5101 }, music: { tcp: 5002, udp: 5102 } } as const;

async function application(name: Tenant) {
  const echo = (socket: Socket) => socket.on('error', () => {}).on('data', (data) => socket.write(`${name} ${data}`));
  const { certificateChain: cert, privateKey: key } = await authority.issue(`${name}.pass.test`);
  const [tcp, tls, udp] = [createServer(echo), createTlsServer({ cert, key }, echo), createSocket('udp4')];
  udp.on('message', (data, { port, address }) => udp.send(`${name} ${data}`, port, address));
  for (const server of [tcp, tls]) server.listen(0, '127.0.0.1');
  udp.bind(0, '127.0.0.1');
  await Promise.all([tcp, tls, udp].map((each) => once(each, 'listening')));
  const web = await Backend.start(name);
  const numbered = (server: Server | UdpSocket) => (server.address() as { port: number }).port;
  const ports = { web: web.port, tcp: numbered(tcp), tls: numbered(tls), udp: numbered(udp) };
  apps[name] = { web, tcp, tls, udp, ports };
}

beforeAll(async () => {
  authority = await Authority.create();
  stack = await Stack.start({ drainSeconds: 2 });
  await Promise.all(TENANTS.map(application));
  const ports = [];
  for (const tenant of TENANTS)
    for (const protocol of ['tcp', 'udp'] as const) {
      const port = (bind[`${tenant} ${protocol}`] = await freePort());
      ports.push({ number: NUMBERS[tenant][protocol], bind: port, protocol: protocol.toUpperCase() });
    }
  const { body: fleet } = await stack.call(`/fleets/${stack.fleet}`);
  const patched = await stack.call(`/fleets/${stack.fleet}`, {
    method: 'PATCH',
    body: { ports: [...fleet.ports, ...ports] },
  });
  expect(patched.status).toBe(200);
  for (const name of [...TENANTS, 'platform']) await stack.createTenant(name);
  await stack.publish('platform', 'configuration', {
    gateways: {
      shared: {
        selector: { ingress: 'public' },
        servers: [{ ...plain(['*.apps.test']), allowedRoutes: { tenants: 'all' } }],
      },
      web: { selector: { ingress: 'public' }, servers: [plain(['shop.test'])] },
    },
  });
  for (const tenant of TENANTS) await stack.publish(tenant, 'configuration', await configurationOf(tenant));
  for (const tenant of TENANTS) await stack.publish(tenant, 'routes/parent', parentOf(tenant));
  const delegated = (tenant: Tenant) => ({
    match: [{ uri: { pathPrefix: `/${tenant}` } }],
    delegate: { route: `${tenant}/cart` },
  });
  const http = [...TENANTS.map(delegated), { directResponse: { status: 200, body: 'platform' } }];
  await stack.publish('platform', 'routes/shop', { hosts: ['shop.test'], gateways: ['web'], http });
});
afterAll(async () => {
  await stack?.stop();
  for (const { web, tcp, tls, udp } of Object.values(apps)) {
    await web.stop();
    for (const server of [tcp, tls]) server.close();
    udp.close();
  }
});

const plain = (hosts: string[]) => ({ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts });

const otherThan = (tenant: Tenant): Tenant => (tenant === 'books' ? 'music' : 'books');

/** A tenant with hosts of every kind. */
async function configurationOf(tenant: Tenant) {
  const to = (upstream: string) => [{ route: [{ destination: { upstream } }] }];
  const forward = (hosts: string[], gateways: string[]) => ({ hosts, gateways, http: to('web') });
  const secure = (name: string, hosts: string[], tls: object) => ({
    ...{ port: { number: 443, name, protocol: 'HTTPS' }, hosts, tls },
  });
  const l4 = (protocol: 'tcp' | 'udp') => ({
    port: { number: NUMBERS[tenant][protocol], name: protocol, protocol: protocol.toUpperCase() },
    hosts: ['*'],
  });
  const servers = [
    plain([`*.${tenant}.test`]),
    secure('https', [`${tenant}.secure.test`], { mode: 'SIMPLE', credentialName: 'web' }),
    secure('pass', [`${tenant}.pass.test`], { mode: 'PASSTHROUGH' }),
    l4('tcp'),
    l4('udp'),
  ];
  const { ports } = apps[tenant]!;
  return {
    gateways: { edge: { selector: { ingress: 'public' }, servers } },
    certificates: { web: await authority.issue(`${tenant}.secure.test`) },
    upstreams: Object.fromEntries(
      Object.entries(ports).map(([name, port]) => [name, { port, endpoints: [{ address: '127.0.0.1' }] }]),
    ),
    routes: {
      warm: forward([`warm.${tenant}.test`], ['edge']),
      cold: forward([`cold.${tenant}.test`], ['edge']),
      secure: forward([`${tenant}.secure.test`], ['edge']),
      attached: forward([`${tenant}.apps.test`], ['platform/shared']),
      cart: {
        parents: ['platform/shop', `${otherThan(tenant)}/parent`],
        http: [{ match: [{ uri: { pathPrefix: `/${tenant}` } }], ...to('web')[0] }],
      },
      // A stream with a limit of its own.
      chat: {
        hosts: [`chat.${tenant}.test`],
        gateways: ['edge'],
        http: [{ streamTimeout: tenant === 'books' ? '6s' : '1h', ...to('web')[0] }],
      },
      pass: {
        hosts: [`${tenant}.pass.test`],
        gateways: ['edge'],
        tls: [{ match: [{ sniHosts: [`${tenant}.pass.test`] }], ...to('tls')[0] }],
      },
      l4: { gateways: ['edge'], tcp: to('tcp'), udp: to('udp') },
    },
  };
}

/** A route of a host that delegates to the other tenant. */
const parentOf = (tenant: Tenant) => ({
  hosts: [`parent.${tenant}.test`],
  gateways: ['edge'],
  http: [
    { match: [{ uri: { pathPrefix: `/${otherThan(tenant)}` } }], delegate: { route: `${otherThan(tenant)}/cart` } },
    { route: [{ destination: { upstream: 'web' } }] },
  ],
});

/** The name of the application that answers, or the status. */
const named = ({ status, body }: { status: number; body: string }) => (status === 200 ? JSON.parse(body).name : status);
const ask = async (host: string, path = '/') => named(await http({ port: stack.httpPort, host, path }));
const secure = async (tenant: string) =>
  named(await https({ port: stack.httpsPort, host: `${tenant}.secure.test`, ca: authority.pem }));

/** Sends a text over a connection, and returns what comes back; `closed` when the connection ends before. */
const exchange = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    if (socket.destroyed) return resolve('closed');
    socket.once('data', (data) => resolve(String(data)));
    socket.once('close', () => resolve('closed'));
    socket.once('end', () => resolve('closed'));
    socket.write('hi');
  });
const opened = (socket: Socket): Socket => socket.on('error', () => {});
const open = {
  tcp: (tenant: Tenant) => opened(connect({ host: '127.0.0.1', port: bind[`${tenant} tcp`]! })),
  pass: (tenant: Tenant) =>
    opened(
      tlsConnect({ host: '127.0.0.1', port: stack.httpsPort, servername: `${tenant}.pass.test`, ca: authority.pem }),
    ),
};
async function answerOf(kind: keyof typeof open, tenant: Tenant): Promise<string> {
  const socket = open[kind](tenant);
  const answer = await exchange(socket);
  socket.destroy();
  return answer;
}
/** Sends datagrams until one is answered; undefined when none is. */
async function datagram(tenant: Tenant, tries: number): Promise<string | undefined> {
  const socket = createSocket('udp4');
  let answer: string | undefined;
  socket.on('message', (data) => (answer = String(data))).on('error', () => {});
  for (let count = 0; count < tries && answer === undefined; count++) {
    socket.send('hi', bind[`${tenant} udp`]!, '127.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  socket.close();
  return answer;
}
async function chat(tenant: Tenant): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${stack.httpPort}/`, { headers: { host: `chat.${tenant}.test` } });
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}
async function said(socket: WebSocket): Promise<string> {
  socket.send('hi');
  const [data] = await once(socket, 'message');
  return String(data);
}

async function isServed(tenant: Tenant): Promise<void> {
  for (const host of [`warm.${tenant}.test`, `cold.${tenant}.test`, `${tenant}.apps.test`, `parent.${tenant}.test`])
    await until(host, async () => (await ask(host)) === tenant);
  await until('its HTTPS host', async () => (await secure(tenant)) === tenant);
  await until('its delegated path', async () => (await ask('shop.test', `/${tenant}`)) === tenant);
  for (const kind of ['tcp', 'pass'] as const)
    await until(`its ${kind} host`, async () => (await answerOf(kind, tenant)) === `${tenant} hi`);
  await until('its UDP port', async () => (await datagram(tenant, 5)) === `${tenant} hi`);
}

it('a suspended tenant is served nowhere, its open connections end, and nobody else notices', async () => {
  for (const tenant of TENANTS) await isServed(tenant);
  const connections = {
    books: [open.tcp('books'), open.pass('books')],
    music: [open.tcp('music'), open.pass('music')],
  };
  const sockets = { books: await chat('books'), music: await chat('music') };
  for (const tenant of TENANTS) {
    for (const each of connections[tenant]) expect(await exchange(each)).toBe(`${tenant} hi`);
    expect(await said(sockets[tenant])).toBe(`${tenant}: hi`);
  }
  const ended = [...connections.books, sockets.books].map((each) => once(each, 'close'));

  expect((await stack.call('/tenants/books/suspend', { method: 'POST', body: { reason: 'test' } })).status).toBe(200);
  await until('the suspension', async () => (await ask('warm.books.test')) === 503);
  for (const host of ['cold.books.test', 'books.apps.test', 'parent.books.test'])
    await until(host, async () => (await ask(host)) === 503);
  // A suspended parent serves nothing of its child, and a suspended child nothing through its parent.
  await until('the parent', async () => (await ask('parent.books.test', '/music')) === 503);
  await until('the child', async () => (await ask('shop.test', '/books')) === 503);
  expect(await ask('parent.music.test', '/books')).toBe(503);
  expect((await http({ port: stack.httpPort, host: 'shop.test' })).body).toBe('platform');
  const page = await https({ port: stack.httpsPort, host: 'books.secure.test', ca: authority.pem });
  expect([page.status, page.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
  for (const kind of ['tcp', 'pass'] as const)
    await until(`no new ${kind} connections`, async () => (await answerOf(kind, 'books')) === 'closed');
  await until('no datagrams', async () => (await datagram('books', 5)) === undefined);

  await Promise.all(ended);
  await isServed('music');
  expect(await ask('parent.music.test')).toBe('music');
  for (const each of connections.music) expect(await exchange(each)).toBe('music hi');
  expect(await said(sockets.music)).toBe('music: hi');
  for (const each of connections.music) each.destroy();
  sockets.music.terminate();

  expect((await stack.call('/tenants/books/resume', { method: 'POST' })).status).toBe(200);
  for (const tenant of TENANTS) await isServed(tenant);
  await until('the parent', async () => (await ask('parent.books.test', '/music')) === 'music');
});
