/** The settings of a fleet's ports: who may send a PROXY protocol header, and limits on headers, on a real Envoy. */
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { Configuration, type ConfigurationDocument } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Feed } from '../dataplane/feed.ts';
import { until } from '../e2e/process.ts';
import { freePorts } from '../e2e/stack.ts';
import { startEcho } from './compiled-edge.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';
import { TestAuthority } from './tls/clients.ts';

const HOST = 'shop.test';
const TRUSTED = '127.0.0.1';
const UNTRUSTED = '127.0.0.2';
const V1 = Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 40000 443\r\n');
const V2 = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107c00002019c4001bb', 'hex');
const NONE = Buffer.alloc(0);

let feed: Feed;
let envoy: RunningEnvoy;
let first: number;
let fleet: Fleet;
let document: ConfigurationDocument;
const echoes: { port: number; server: Server }[] = [];

beforeAll(async () => {
  first = await freePorts(6);
  echoes.push(await startEcho(), await startEcho(async () => 203));
  const proxyProtocol = { trustedPeers: [`${TRUSTED}/32`, '2001:db8::/32'] };
  fleet = {
    name: 'edge',
    labels: { ingress: 'public' },
    ports: [
      { number: 80, bind: first, protocol: 'HTTP', proxyProtocol },
      { number: 443, bind: first + 1, protocol: 'HTTPS', proxyProtocol },
      { number: 5432, bind: first + 2, protocol: 'TCP', proxyProtocol },
      { number: 81, bind: first + 3, protocol: 'HTTP', headers: { underscores: 'reject' }, idleTimeout: '500ms' },
      {
        number: 82,
        bind: first + 4,
        protocol: 'HTTP',
        headers: { underscores: 'allow', maxKilobytes: 8, maxCount: 30 },
      },
      { number: 83, bind: first + 5, protocol: 'HTTP' },
    ],
  };
  const authority = await TestAuthority.create();
  const certificate = await authority.issue([{ type: 'dns', value: HOST }]);
  feed = await Feed.start({ ...fleet, address: '127.0.0.1' });
  envoy = await runBeside(feed.folder, 'edge');
  const office = [{ source: ['203.0.113.0/24'] }];
  const to = (upstream: string) => [{ destination: { upstream } }];
  document = {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [
          ...[80, 81, 82, 83].map((number) => ({
            port: { number, name: `h${number}`, protocol: 'HTTP' as const },
            hosts: [HOST],
          })),
          {
            port: { number: 443, name: 'https', protocol: 'HTTPS' as const },
            hosts: [HOST],
            tls: { mode: 'SIMPLE', credentialName: 'web' },
          },
          { port: { number: 5432, name: 'tcp', protocol: 'TCP' as const }, hosts: ['*'] },
        ],
      },
    },
    routes: {
      app: {
        hosts: [HOST],
        gateways: ['web'],
        http: [{ match: office, route: to('office') }, { route: to('app') }],
      },
      database: { gateways: ['web'], tcp: [{ match: office, route: to('office') }, { route: to('app') }] },
    },
    upstreams: {
      app: { port: 80, endpoints: [{ address: '127.0.0.1', port: echoes[0]!.port }] },
      office: { port: 80, endpoints: [{ address: '127.0.0.1', port: echoes[1]!.port }] },
    },
    certificates: { web: { certificateChain: certificate.certificateChain } },
  };
  const seq = feed.tell('acme', document, { web: certificate.privateKey });
  await until('the tenant to be live', () => (feed.nodes[0]?.live ?? 0) >= seq);
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  for (const { server } of echoes) server.close();
});

interface Sent {
  port: number;
  from?: string;
  header?: Buffer;
  tls?: boolean;
  lines?: string[];
  version?: string;
}

/** Sends bytes, perhaps a handshake, and a request. Returns all that came until the connection closed; empty if nothing. */
async function send({
  port,
  from = TRUSTED,
  header = NONE,
  tls = false,
  lines = [],
  version = '1.1',
}: Sent): Promise<string> {
  const plain = connect({ port: first + port, host: '127.0.0.1', localAddress: from });
  plain.on('error', () => {});
  if (header.length > 0) plain.write(header);
  const socket = tls ? connectTls({ socket: plain, servername: HOST, rejectUnauthorized: false }) : plain;
  socket.on('error', () => {});
  const text = [`GET / HTTP/${version}`, `host: ${HOST}`, 'connection: close', ...lines].join('\r\n');
  socket.write(`${text}\r\n\r\n`);
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.setTimeout(8000, () => {
      socket.destroy();
      resolve();
    });
  });
  plain.destroy();
  return received;
}
const statusOf = (received: string) => (received === '' ? 'closed' : Number(received.split(' ')[1]));

describe('PROXY protocol is accepted from trusted peers only', () => {
  const places: [string, number, boolean][] = [
    ['HTTP', 0, false],
    ['HTTPS', 1, true],
    ['TCP', 2, false],
  ];
  test.each(places.flatMap((place) => [V1, V2].map((header) => [...place, header] as const)))(
    '%s on port %i, TLS %s: the address in the header is the client',
    async (_, port, tls, header) => {
      const received = await send({ port, header, tls });
      expect(statusOf(received)).toBe(203); // the rule for this address
      if (port !== 2) expect(received).toContain('"x-forwarded-for":"203.0.113.7"');
    },
  );

  test.each(places)(
    '%s on port %i, TLS %s: a peer that is not trusted is closed, with or without it',
    async (_, port, tls) => {
      const attempts = [V1, V2, NONE].map((header) => send({ port, header, tls, from: UNTRUSTED }));
      expect((await Promise.all(attempts)).map(statusOf)).toEqual(['closed', 'closed', 'closed']);
    },
  );

  test.each(places)('%s on port %i, TLS %s: a connection without the header is closed', async (_, port, tls) => {
    expect(statusOf(await send({ port, tls }))).toBe('closed');
  });

  it('is not read on a port without the setting', async () => {
    expect(statusOf(await send({ port: 5, header: V1 }))).toBe(400);
    const received = await send({ port: 5, lines: ['x-forwarded-for: 203.0.113.7'] });
    expect(statusOf(received)).toBe(200); // the rule for other addresses
  });
});

describe('headers with underscores', () => {
  const lines = ['x_user: root'];
  const explained = (number: number) =>
    explain(Configuration.fromDocument(document), 'acme', fleet, {
      port: number,
      authority: HOST,
      headers: { x_user: 'root' },
    });

  it('are dropped by default', async () => {
    const received = await send({ port: 5, lines });
    expect(statusOf(received)).toBe(200);
    expect(received).not.toContain('x_user');
  });

  it('are rejected or allowed where the port says so', async () => {
    expect(statusOf(await send({ port: 3, lines }))).toBe(400);
    expect(explained(81)).toMatchObject({ outcome: 'rejected', status: 400 });
    expect(await send({ port: 4, lines })).toContain('"x_user":"root"');
  });
});

describe('limits on headers', () => {
  const big = (kilobytes: number) => [`x-big: ${'a'.repeat(kilobytes * 1024)}`];
  const many = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}: a`);

  test.each<[string, number, string[], number]>([
    ['7 of 8 KiB', 4, big(7), 200],
    ['9 of 8 KiB', 4, big(9), 431],
    ['14 of 60 KiB', 5, big(14), 200],
    ['61 of 60 KiB', 5, big(61), 431],
    ['32 of 30 headers', 4, many(30), 431],
    ['32 of 100 headers', 5, many(30), 200],
    ['102 of 100 headers', 5, many(100), 431],
  ])('%s', async (_, port, lines, expected) => {
    expect(statusOf(await send({ port, lines }))).toBe(expected);
  });
});

it('closes connections without a request under way after the time of the port', async () => {
  const silent = [3, 5].map((port) => connect(first + port, '127.0.0.1'));
  const uploading = connect(first + 3, '127.0.0.1');
  let received = '';
  uploading.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  uploading.write(`POST / HTTP/1.1\r\nhost: ${HOST}\r\ncontent-length: 2\r\n\r\na`);
  const started = Date.now();
  await until('the silent connection to be closed', () => silent[0]!.resume().readableEnded);
  await new Promise((resolve) => setTimeout(resolve, started + 1000 - Date.now()));
  expect(silent[1]!.resume().readableEnded).toBe(false);
  uploading.write('b');
  await until('the response', () => received.startsWith('HTTP/1.1 200'));
  for (const socket of [...silent, uploading]) socket.destroy();
});
