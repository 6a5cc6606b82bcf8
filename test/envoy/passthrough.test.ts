/** TLS connections that are not decrypted, beside hosts of the same port that are, on a real Envoy. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Feed } from '../dataplane/feed.ts';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { startEcho } from './compiled-edge.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

/** The protocol with which certificate authorities check a host. */
const ACME_TLS = 'acme-tls/1';
const authority = await Authority.create();
const shop = await authority.issue('shop.pass.test');
let feed: Feed;
let envoy: RunningEnvoy;
let bind: number;
let echo: Awaited<ReturnType<typeof startEcho>>;
const servers: Server[] = [];
const ports: Record<string, number> = {};

/** Opens a TLS connection. @returns the names of the certificate that the server shows, and the answer to a request */
const ask = (servername: string, { host = servername, protocol }: { host?: string; protocol?: string } = {}) =>
  new Promise<{ names: string; answer: string } | undefined>((resolve) => {
    const trust = { ca: authority.pem, rejectUnauthorized: false };
    const socket = connect({
      port: bind,
      host: '127.0.0.1',
      servername,
      ...trust,
      ...(protocol && { ALPNProtocols: [protocol] }),
    });
    let answer = '';
    const names = () => socket.getPeerCertificate().subjectaltname ?? '';
    let shown = '';
    socket.on('secureConnect', () => {
      shown = names();
      socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    });
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('data', (data) => (answer += data));
    socket.on('error', () => {});
    socket.on('close', () => resolve(shown === '' ? undefined : { names: shown, answer }));
  });

beforeAll(async () => {
  bind = await freePort();
  echo = await startEcho();
  for (const [name, host] of [
    ['one', 'one.pass.test'],
    ['any', '*.pass.test'],
  ] as const) {
    const { certificateChain: cert, privateKey: key } = await authority.issue(host);
    const server = createServer({ cert, key, ALPNProtocols: ['http/1.1', ACME_TLS] }, (_, response) =>
      response.end(`backend ${name}`),
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    ports[name] = (server.address() as AddressInfo).port;
  }
  feed = await Feed.start({
    ...{ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1' },
    ports: [{ number: 443, bind, protocol: 'HTTPS' }],
    denyDestinations: ['127.0.0.9'],
  });
  envoy = await runBeside(feed.folder, 'edge');
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  echo?.server.close();
  for (const server of servers) server.close();
});

const port = { number: 443, protocol: 'HTTPS' as const };
const to = (upstream: string) => [{ destination: { upstream } }];
type Document = Parameters<Feed['tell']>[1];
const publish = async (tenant: string, document: Document) => {
  const seq = feed.tell(tenant, document, { shop: shop.privateKey });
  await until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
};

const document = async (): Promise<Document> => ({
  gateways: {
    web: {
      selector: { ingress: 'public' },
      servers: [
        { port: { ...port, name: 'pass' }, hosts: ['*.pass.test'], tls: { mode: 'PASSTHROUGH' } },
        {
          port: { ...port, name: 'open' },
          hosts: ['shop.pass.test'],
          tls: { mode: 'SIMPLE', credentialName: 'shop' },
        },
      ],
    },
  },
  routes: {
    pass: {
      hosts: ['*.pass.test'],
      gateways: ['web'],
      tls: [
        { match: [{ sniHosts: ['*.pass.test'] }], route: to('any') },
        { match: [{ sniHosts: ['one.pass.test'] }], route: to('one') },
        { match: [{ sniHosts: ['denied.pass.test'] }], route: to('denied') },
      ],
    },
    shop: { hosts: ['shop.pass.test'], gateways: ['web'], http: [{ route: to('web') }] },
  },
  upstreams: {
    one: { port: ports.one!, endpoints: [{ address: '127.0.0.1' }] },
    any: { port: ports.any!, endpoints: [{ address: '127.0.0.1' }] },
    denied: { port: ports.one!, endpoints: [{ address: '127.0.0.9' }] },
    web: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] },
  },
  certificates: { shop: { certificateChain: shop.certificateChain } },
});

it('the client sees the certificate of the upstream, and the most specific server name decides', async () => {
  await publish('acme', await document());
  expect(await ask('one.pass.test')).toMatchObject({
    names: 'DNS:one.pass.test',
    answer: expect.stringContaining('backend one'),
  });
  expect(await ask('x.pass.test')).toMatchObject({
    names: 'DNS:*.pass.test',
    answer: expect.stringContaining('backend any'),
  });
});

it('a host below the wildcard with a server of its own is decrypted', async () => {
  const found = await ask('shop.pass.test');
  expect(found).toMatchObject({ names: 'DNS:shop.pass.test', answer: expect.stringContaining('200 OK') });
});

it('a request for a host that is passed through gets 421 on the connection of a decrypted host', async () => {
  const found = await ask('shop.pass.test', { host: 'one.pass.test' });
  expect(found!.answer).toMatch(/^HTTP\/1.1 421 /);
});

it('an application answers the challenges of its own authority, and Gatehouse those for hosts that it decrypts', async () => {
  const challenge = (host: string) => ask(host, { protocol: ACME_TLS });
  expect(await challenge('one.pass.test')).toMatchObject({ names: 'DNS:one.pass.test' });
  expect(await challenge('x.pass.test')).toMatchObject({ names: 'DNS:*.pass.test' });
  // No challenge is open, so there is no certificate.
  expect(await challenge('shop.pass.test')).toBe(undefined);
  expect(await challenge('elsewhere.test')).toBe(undefined);
});

it('a denied destination, and a server name without a rule, get no connection', async () => {
  expect(await ask('denied.pass.test')).toBe(undefined);
  expect(await ask('elsewhere.test')).toBe(undefined);
});

it('adding a host of another tenant closes no open connection', async () => {
  const socket = connect({ port: bind, host: '127.0.0.1', servername: 'one.pass.test', rejectUnauthorized: false });
  let text = '';
  let isClosed = false;
  socket.on('data', (data) => (text += data));
  socket.on('close', () => (isClosed = true));
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  await publish('other', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { ...port, name: 'pass' }, hosts: ['other.test'], tls: { mode: 'PASSTHROUGH' } }],
      },
    },
    routes: {
      pass: {
        hosts: ['other.test'],
        gateways: ['web'],
        tls: [{ match: [{ sniHosts: ['other.test'] }], route: to('one') }],
      },
    },
    upstreams: { one: { port: ports.one!, endpoints: [{ address: '127.0.0.1' }] } },
  });
  expect(await ask('other.test')).toMatchObject({ names: 'DNS:one.pass.test' });
  socket.write('GET / HTTP/1.1\r\nhost: one.pass.test\r\n\r\n');
  await until('the answer on the old connection', () => text.includes('backend one'));
  expect(isClosed).toBe(false);
  socket.destroy();
  await publish('other', {});
  await until('the host to be gone', async () => (await ask('other.test')) === undefined);
  expect(await ask('one.pass.test')).toMatchObject({ answer: expect.stringContaining('backend one') });
});
