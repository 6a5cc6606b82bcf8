/** Every file of `examples/`: its configuration is published, and its requests go through Envoy. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { parse } from 'yaml';
import { z } from 'zod';
import { until } from './process.ts';
import { Stack } from './stack.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'examples');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

const Headers = z.record(z.string(), z.string().nullable());
const Step = z.strictObject({
  get: z.string().optional(),
  post: z.string().optional(),
  webSocket: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** How often the request is sent; default 1. */
  times: z.int().optional(),
  /** Every answer that comes, and no other: the status, then the upstream and the path, or the location. */
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
let stack: Stack;

beforeAll(async () => {
  for (const port of [9001, 9002]) {
    const received: Endpoint['received'] = [];
    const server = createServer((asked, response) => {
      received.push({ path: asked.url!, headers: asked.headers });
      response.end(JSON.stringify({ port, path: asked.url }));
    });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoints.set(port, { server, port: (server.address() as AddressInfo).port, received });
  }
  stack = await Stack.start();
});
afterAll(async () => {
  await stack?.stop();
  for (const { server } of endpoints.values()) {
    server.closeAllConnections();
    server.close();
  }
});

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
  const moved = text.replace(/\bport: (900\d)\b/g, (_, port) => `port: ${endpoints.get(Number(port))?.port ?? 1}`);
  return Example.parse(parse(moved));
}

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

const send = (method: string, url: URL, headers: Record<string, string>): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: stack.httpPort, method, path: url.pathname + url.search, agent: false };
    const sent = request({ ...options, headers: { host: url.host, ...headers } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on('error', reject).end();
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
    const url = new URL((step.get ?? step.post ?? step.webSocket)!.replace(/^ws/, 'http'));
    const answers = new Set<string>();
    const by = new Set<number>();
    let cookie = step.headers?.cookie;
    for (const { received } of endpoints.values()) received.length = 0;
    for (let n = 0; n < (step.times ?? 1); n++) {
      if (step.webSocket) {
        answers.add(await open(url));
        continue;
      }
      const reply = await send(step.post ? 'POST' : 'GET', url, { ...step.headers, ...(cookie && { cookie }) });
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
