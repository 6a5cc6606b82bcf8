/** Every file of `examples/`: its configuration is published, and its requests go through Envoy. */

import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { connect, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTlsServer, request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { parse } from 'yaml';
import { z } from 'zod';
import { Authority, type Pair } from './authority.ts';
import { until } from './process.ts';
import { freePort, Stack } from './stack.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'examples');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

const Headers = z.record(z.string(), z.string().nullable());
const Step = z.strictObject({
  get: z.string().optional(),
  post: z.string().optional(),
  options: z.string().optional(),
  webSocket: z.string().optional(),
  /** A call with an empty message; it answers the gRPC status. */
  grpc: z.string().optional(),
  /** A datagram to this port, which is echoed. */
  udp: z.int().optional(),
  /** Whether the client shows a certificate of the CA of the examples. */
  clientCertificate: z.boolean().optional(),
  tlsVersion: z.enum(['TLSv1.1', 'TLSv1.2', 'TLSv1.3']).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** How often the request is sent; default 1. */
  times: z.int().optional(),
  /** Every answer that comes, and no other: the status, then the upstream and the path, or the location; or `refused`. */
  answers: z.array(z.string()).optional(),
  /** The upstreams and paths of the copies. */
  copies: z.array(z.string()).optional(),
  /** Headers that the upstream receives; null for one that it does not. */
  received: Headers.optional(),
  responseHeaders: Headers.optional(),
  /** Whether the client returns the cookies that it got. */
  keepsCookies: z.boolean().optional(),
  /** The number of endpoints that answer. */
  endpoints: z.int().optional(),
});
const Example = z.strictObject({
  configuration: z.record(z.string(), z.unknown()),
  requests: z.array(Step).min(1),
});

/** A server that stands for the endpoints on one port of the examples. */
interface Endpoint {
  server: Server;
  port: number;
  received: { path: string; headers: IncomingHttpHeaders }[];
}
const endpoints = new Map<number, Endpoint>();
/** The ports that other protocols are served on, by the port in the examples. */
const others = new Map<number, number>();
/** The ports that Envoy opens, by the port that clients use. */
const binds = new Map<number, number>();
const closing: { close(): unknown }[] = [];
let stack: Stack;
let authority: Authority;
let pair: Pair;

beforeAll(async () => {
  authority = await Authority.create();
  pair = await authority.issue('*.tls.example', 'backend.example', '*.backend.example');
  const tls = { cert: pair.certificateChain, key: pair.privateKey };
  for (const port of [9001, 9002, 9443]) {
    const received: Endpoint['received'] = [];
    const server = port === 9443 ? createTlsServer(tls) : createServer();
    server.on('request', (asked, response) => {
      received.push({ path: asked.url!, headers: asked.headers });
      response.end(JSON.stringify({ port, path: asked.url }));
    });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoints.set(port, { server, port: (server.address() as AddressInfo).port, received });
  }
  const rpc = createHttp2Server().on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.resume().end();
  });
  await new Promise<void>((resolve) => rpc.listen(0, '127.0.0.1', resolve));
  others.set(9050, (rpc.address() as AddressInfo).port);
  const echo = createSocket('udp4');
  echo.on('message', (data, { port, address }) => echo.send(data, port, address));
  await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', resolve));
  others.set(9053, echo.address().port);
  closing.push(rpc, echo);
  stack = await Stack.start();
  binds.set(80, stack.httpPort).set(443, stack.httpsPort);
  for (const port of [5432, 53]) binds.set(port, await freePort());
  const ports = [...binds].map(([number, bind]) => ({ number, bind, protocol: PROTOCOLS[number] }));
  const offered = await stack.call(`/fleets/${stack.fleet}`, { method: 'PATCH', body: { ports } });
  if (offered.status !== 200) throw new Error(`fleet: ${offered.status} ${JSON.stringify(offered.body)}`);
});
afterAll(async () => {
  await stack?.stop();
  for (const each of closing) each.close();
  for (const { server } of endpoints.values()) {
    server.closeAllConnections();
    server.close();
  }
});

const PROTOCOLS: Record<number, string> = { 80: 'HTTP', 443: 'HTTPS', 5432: 'POSTGRES', 53: 'UDP' };

/** The pages of the documentation that show a part of an example. */
const pages = ['blue-green', 'canary', 'mirror', 'redirect', 'websocket'];

test.each(pages)('docs/%s.md shows parts of examples', (page) => {
  const text = readFileSync(join(ROOT, `docs/${page}.md`), 'utf8');
  const shown = [...text.matchAll(/\(\.\.\/examples\/([a-z-]+\.yaml)\)[\s\S]*?```yaml\n([\s\S]*?)```/g)];
  expect(shown).toHaveLength(text.match(/```yaml/g)!.length);
  const flat = (yaml: string) => yaml.replace(/^ +/gm, '').trim();
  for (const [, file, part] of shown) expect(flat(readFileSync(join(FOLDER, file!), 'utf8'))).toContain(flat(part!));
});

/** The example with the ports on which the test serves its endpoints. */
function read(file: string) {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const moved = text
    .replace(/\bport: (9\d{3})\b/g, (_, port) => `port: ${endpoints.get(+port)?.port ?? others.get(+port) ?? 1}`)
    .replaceAll('$CHAIN', JSON.stringify(pair.certificateChain))
    .replaceAll('$KEY', JSON.stringify(pair.privateKey))
    .replaceAll('$CA', JSON.stringify(authority.pem));
  return Example.parse(parse(moved));
}

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

type Tls = Pick<z.infer<typeof Step>, 'clientCertificate' | 'tlsVersion'>;

const send = (method: string, url: URL, headers: Record<string, string>, tls: Tls): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const port = binds.get(Number(url.port) || (isSecure ? 443 : 80))!;
    const options = { host: '127.0.0.1', port, method, path: url.pathname + url.search, agent: false };
    const secure = {
      ...{ servername: url.hostname, ca: authority.pem },
      ...(tls.clientCertificate && { cert: pair.certificateChain, key: pair.privateKey }),
      ...(tls.tlsVersion && { minVersion: tls.tlsVersion, maxVersion: tls.tlsVersion }),
    };
    const ask = isSecure ? tlsRequest : request;
    const all = { ...options, headers: { host: url.host, ...headers }, ...(isSecure && secure) };
    const sent = ask(all, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on('error', reject).end();
  });

/** Makes a gRPC call. @returns its status */
const call = (url: URL): Promise<string> =>
  new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${stack.httpPort}`).on('error', reject);
    const named = { ':method': 'POST', ':path': url.pathname, ':authority': url.host };
    const stream = session.request({ ...named, 'content-type': 'application/grpc', te: 'trailers' });
    let status: unknown;
    for (const part of ['response', 'trailers'])
      stream.on(part, (headers: IncomingHttpHeaders) => (status = headers['grpc-status'] ?? status));
    stream.on('error', reject).on('close', () => {
      session.close();
      resolve(String(status));
    });
    stream.resume().end(Buffer.alloc(5));
  });

/** Sends a datagram. @returns its echo */
const echoed = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4').on('error', reject);
    socket.on('message', (data) => {
      socket.close();
      resolve(String(data));
    });
    socket.send('hello', binds.get(port)!, '127.0.0.1');
  });

const open = (url: URL): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${stack.httpPort}${url.pathname}`, { headers: { host: url.host } });
    socket.on('open', () => socket.send('hello'));
    socket.on('message', () => {
      socket.close();
      resolve('101');
    });
    socket.on('unexpected-response', (_, { statusCode }) => resolve(String(statusCode)));
    socket.on('error', reject);
  });

/** Compares headers. An expected null stands for a header that is absent. */
function expectHeaders(headers: IncomingHttpHeaders, expected: Record<string, string | null>): void {
  for (const [name, value] of Object.entries(expected)) expect(headers[name] ?? null, name).toBe(value);
}

test('the README lists every example', () => {
  const listed = [...readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(/^\| \[(.+?)\]/gm)].map(
    ([, name]) => name,
  );
  expect([...listed].sort()).toEqual([...files].sort());
});

test.each(files)('%s', async (file) => {
  const { configuration, requests } = read(file);
  const tenant = file.replace('.yaml', '');
  await stack.createTenant(tenant);
  await stack.publish(tenant, 'configuration', configuration);
  const upstreams = Object.entries(configuration.upstreams ?? {}) as [string, { port: number }][];
  const nameOf = (port: number) => upstreams.find(([, each]) => each.port === endpoints.get(port)!.port)?.[0];
  for (const step of requests) {
    const url = new URL(
      (step.get ?? step.post ?? step.options ?? step.webSocket ?? step.grpc ?? 'udp://host').replace(/^ws/, 'http'),
    );
    const answers = new Set<string>();
    const by = new Set<number>();
    let cookie = step.headers?.cookie;
    for (const { received } of endpoints.values()) received.length = 0;
    for (let n = 0; n < (step.times ?? 1); n++) {
      if (step.webSocket) {
        answers.add(await open(url));
        continue;
      }
      if (step.grpc || step.udp) {
        answers.add(step.udp ? await echoed(step.udp) : await call(url));
        continue;
      }
      const method = step.post ? 'POST' : step.options ? 'OPTIONS' : 'GET';
      const reply = await send(method, url, { ...step.headers, ...(cookie && { cookie }) }, step).catch((error) => {
        if (url.protocol === 'https:') return undefined;
        throw error;
      });
      if (!reply) {
        answers.add('refused');
        continue;
      }
      if (step.keepsCookies) cookie ??= reply.headers['set-cookie']?.[0]?.split(';')[0];
      const seen = reply.body.startsWith('{') ? (JSON.parse(reply.body) as { port: number; path: string }) : undefined;
      if (seen) by.add(seen.port);
      const what = seen ? ` ${nameOf(seen.port)} ${seen.path}` : reply.headers.location && ` ${reply.headers.location}`;
      answers.add(`${reply.status}${what ?? ''}`);
      if (step.responseHeaders) expectHeaders(reply.headers, step.responseHeaders);
    }
    if (step.answers) expect([...answers].sort(), url.href).toEqual([...step.answers].sort());
    if (step.endpoints !== undefined) expect(by.size).toBe(step.endpoints);
    const all = () =>
      [...endpoints].flatMap(([port, { received }]) => received.map(({ path }) => `${nameOf(port)} ${path}`));
    for (const copy of step.copies ?? []) await until(`the copy ${copy}`, () => all().includes(copy));
    if (step.received) {
      const [first] = [...endpoints.values()].flatMap(({ received }) => received);
      expectHeaders(first!.headers, step.received);
    }
  }
});
