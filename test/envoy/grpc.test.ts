/** gRPC calls of a real client to a real server, through a real Envoy. */

import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import {
  type Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { explain } from '../../model/explain/explain.ts';
import { Route } from '../../model/kinds/route.ts';
import { Upstream } from '../../model/kinds/upstream.ts';
import { Rule } from '../../model/route/rule.ts';
import { until } from '../e2e/process.ts';
import { hasBrowser, resultOf } from './browser.ts';
import { startEcho, TENANT } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';

const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};
const ECHO = {
  Say: { path: '/test.Echo/Say', requestStream: false, responseStream: false, ...text },
  Count: { path: '/test.Echo/Count', requestStream: false, responseStream: true, ...text },
  Sum: { path: '/test.Echo/Sum', requestStream: true, responseStream: true, ...text },
} satisfies ServiceDefinition;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The health service, whose messages are written by hand: the response has one field, the status. */
const HEALTH = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
} satisfies ServiceDefinition;
/** The number of health checks. */
let checks = 0;

const servers: Server[] = [];
/** The number of calls of `Say`, by server. */
const calls: number[] = [];

async function startServer(): Promise<number> {
  const index = calls.push(0) - 1;
  const server = new Server();
  server.addService(ECHO, {
    Say: async (call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) => {
      calls[index]!++;
      const [, ms] = /^wait (\d+)/.exec(call.request) ?? [];
      if (ms) await sleep(Number(ms));
      if (call.request === 'fail') return done({ code: status.ALREADY_EXISTS, details: 'it exists' });
      const trailer = new Metadata();
      trailer.set('x-trailer', 'last');
      done(null, call.request, trailer);
    },
    // Sends a number per 100 ms.
    Count: async (call: ServerWritableStream<string, string>) => {
      for (let n = 0; n < Number(call.request); n++) {
        call.write(String(n));
        await sleep(100);
      }
      call.end();
    },
    // Responds only after the client has ended its half of the stream, in two parts.
    Sum: (call: ServerDuplexStream<string, string>) => {
      let sum = 0;
      call.on('data', (value: string) => (sum += Number(value)));
      call.on('end', async () => {
        call.write('ended');
        await sleep(1000);
        call.write(String(sum));
        call.end();
      });
    },
  });
  server.addService(HEALTH, {
    Check: (_: unknown, done: sendUnaryData<Buffer>) => {
      checks++;
      done(null, Buffer.from([8, 1]));
    },
  });
  servers.push(server);
  return new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    ),
  );
}

/** Calls `Say` over gRPC-Web with `fetch`, and writes the message and the trailers of the response. */
const PAGE = `<!doctype html><pre id="result"></pre><script type="module">
  const message = new TextEncoder().encode(decodeURIComponent(location.hash.slice(1)));
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  const headers = { 'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1' };
  let result;
  try {
    const response = await fetch('http://web.test/test.Echo/Say', { method: 'POST', headers, body: frame });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const parts = [];
    for (let at = 0; at < bytes.length; ) {
      const length = new DataView(bytes.buffer).getUint32(at + 1);
      parts.push([bytes[at], new TextDecoder().decode(bytes.slice(at + 5, at + 5 + length))]);
      at += 5 + length;
    }
    result = [response.status, response.headers.get('grpc-status'), response.headers.get('content-type'), parts];
  } catch (error) { result = String(error); }
  document.getElementById('result').textContent = JSON.stringify(result);
</script>`;

const HOSTS = [
  'plain.test',
  'limited.test',
  'whole.test',
  'both.test',
  'local.test',
  'web.test',
  'pages.test',
  'native.test',
  'seen.test',
];
let served: Served;
/** An upstream that notes the headers that it receives. */
let plain: Awaited<ReturnType<typeof startEcho>>;
let received: IncomingHttpHeaders = {};

beforeAll(async () => {
  plain = await startEcho(async ({ headers }) => {
    received = headers;
    return 200;
  });
  const ports = [await startServer(), await startServer(), await startServer()];
  const route = [{ destination: { upstream: 'echo' } }];
  const at = (name: string, ...http: object[]) => [
    name,
    { hosts: [`${name}.test`], gateways: ['g'], http: http.map((rule) => Rule.parse(rule)) },
  ];
  const call = (method: string) => [{ grpc: { service: { exact: 'test.Echo' }, method: { exact: method } } }];
  const cors = {
    allowOrigins: [{ exact: 'http://pages.test' }],
    allowHeaders: ['x-grpc-web', 'content-type'],
    exposeHeaders: ['grpc-status', 'grpc-message'],
  };
  served = await serving({
    gateways: {
      g: {
        selector: { ingress: 'public' },
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: HOSTS },
          { port: { number: 80, name: 'web', protocol: 'GRPC-WEB' }, hosts: ['server.test'] },
        ],
      },
    },
    routes: Object.fromEntries([
      at('plain', { route }),
      at('limited', { streamTimeout: '400ms', route }),
      at('whole', { timeout: '300ms', route }),
      at('both', { timeout: '600ms', streamTimeout: '9s', route }),
      at(
        'local',
        { match: call('Say'), directResponse: { status: 429 } },
        { match: call('Count'), route: [{ destination: { upstream: 'none' } }] },
        { match: call('Sum'), fault: { abort: { httpStatus: 429 } }, route },
      ),
      at(
        'web',
        { match: call('Say'), grpcWeb: true, cors, route },
        { match: call('Count'), grpcWeb: true, fault: { abort: { grpcStatus: 8 } }, route },
      ),
      at('native', { route }),
      // Its requests arrive through the server with the protocol GRPC-WEB.
      at(
        'server',
        { match: call('Say'), route },
        { match: call('Count'), grpcWeb: false, route },
        { match: call('Sum'), directResponse: { status: 429 } },
      ),
      at('seen', { grpcWeb: true, route: [{ destination: { upstream: 'seen' } }] }),
      at('pages', { directResponse: { status: 200, body: PAGE, contentType: 'text/html' } }),
    ]),
    upstreams: {
      echo: { port: 80, protocol: 'GRPC', endpoints: ports.map((port) => ({ address: '127.0.0.1', port })) },
      seen: { port: plain.port, endpoints: [{ address: '127.0.0.1' }] },
      none: { port: 80, protocol: 'GRPC', endpoints: [] },
    },
  });
});
afterAll(async () => {
  for (const client of clients.values()) client.close();
  await served?.edge.close();
  plain?.server.close();
  for (const server of servers) server.forceShutdown();
});

// biome-ignore lint/suspicious/noExplicitAny: the methods exist by the definition above
type Echo = Client & Record<keyof typeof ECHO, (...input: any[]) => any>;
const clients = new Map<string, Echo>();
/** One client, with one connection, per host. */
function client(host: string): Echo {
  const known = clients.get(host);
  if (known) return known;
  const made = connected(host, served.ports.http);
  clients.set(host, made);
  return made;
}

function connected(host: string, port: number): Echo {
  const Echo = makeGenericClientConstructor(ECHO, 'Echo');
  const options = { 'grpc.default_authority': host };
  return new Echo(`127.0.0.1:${port}`, credentials.createInsecure(), options) as unknown as Echo;
}

interface Outcome {
  code: number;
  value?: string;
  values: string[];
  details: string;
  trailer: string;
  took: number;
}

function say(host: string, request: string, deadline?: number): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve) => {
    let trailer = '';
    const call = client(host).Say(
      request,
      deadline === undefined ? {} : { deadline: Date.now() + deadline },
      (error: ServiceError | null, value?: string) =>
        setImmediate(() =>
          resolve({
            code: error?.code ?? 0,
            details: error?.details ?? '',
            trailer,
            values: [],
            took: performance.now() - start,
            ...(value !== undefined && { value }),
          }),
        ),
    );
    call.on('status', ({ metadata }: { metadata: Metadata }) => (trailer = String(metadata.get('x-trailer'))));
  });
}

function streamed(call: ClientReadableStream<string>): Promise<{ code: number; values: string[] }> {
  return new Promise((resolve) => {
    const values: string[] = [];
    call.on('data', (value: string) => values.push(value));
    call.on('error', () => {});
    call.on('status', ({ code }: { code: number }) => resolve({ code, values }));
  });
}

describe('a deadline of the client', () => {
  test('ends a call that gets no response, also the first to a cold host', async () => {
    // The header alone, so that the gateway and not the client ends the call.
    const metadata = new Metadata();
    metadata.set('grpc-timeout', '300m');
    for (const host of ['plain.test', 'plain.test', 'both.test', 'both.test']) {
      const error = await new Promise<ServiceError>((resolve) => client(host).Say('wait 2000', metadata, resolve));
      expect(error.code).toBe(status.DEADLINE_EXCEEDED);
    }
  });

  test('is not cut short: a call lasts as long as it allows', async () => {
    expect(await say('plain.test', 'wait 700', 5000)).toMatchObject({ code: 0 });
  });

  test('cannot exceed the streamTimeout of the rule', async () => {
    expect(await say('limited.test', 'wait 900', 5000)).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });
});

describe('a stream', () => {
  test('outlives the time limit of responses to other requests, which such a rule does not have by default', async () => {
    const { code, values } = await streamed(client('plain.test').Count('25'));
    expect([code, values.length]).toEqual([0, 25]);
  });

  test('of which the client has ended its half is not cut', async () => {
    const call = client('plain.test').Sum();
    const done = streamed(call);
    for (const value of ['1', '2', '3']) call.write(value);
    call.end();
    expect(await done).toEqual({ code: 0, values: ['ended', '6'] });
  });

  test('is cut by an explicit timeout of the rule', async () => {
    for (const host of ['whole.test', 'both.test']) {
      const { code, values } = await streamed(client(host).Count('25'));
      expect(code).not.toBe(0);
      expect(values.length).toBeLessThan(15);
    }
  });
});

test('the status and the trailers of the server reach the client', async () => {
  expect(await say('plain.test', 'hi')).toMatchObject({ code: 0, value: 'hi', trailer: 'last' });
  expect(await say('plain.test', 'fail')).toMatchObject({ code: status.ALREADY_EXISTS, details: 'it exists' });
});

describe('a response of the gateway is a gRPC status', () => {
  test.each([
    ['a 404', 'Other', status.UNIMPLEMENTED],
    ['a 429 as direct response', 'Say', status.UNAVAILABLE],
    ['a 503 without endpoints', 'Count', status.UNAVAILABLE],
    ['a 429 as fault', 'Sum', status.UNAVAILABLE],
  ])('%s', async (_, method, code) => {
    for (const _ of ['cold', 'warm']) {
      const call = client('local.test').makeServerStreamRequest(`/test.Echo/${method}`, Buffer.from, String, 'x');
      expect((await streamed(call)).code).toBe(code);
    }
  });
});

test('calls on one connection are balanced one by one', async () => {
  const before = [...calls];
  const total = Number(process.env.GRPC_CALLS ?? 3000);
  for (let sent = 0; sent < total; sent += 100)
    await Promise.all(Array.from({ length: 100 }, () => say('plain.test', 'x')));
  for (const [index, count] of calls.entries())
    expect(Math.abs((count - before[index]!) / total - 1 / 3)).toBeLessThan(0.01);
});

describe('gRPC-Web', () => {
  const post = (host: string, method: string, body: Uint8Array, type = 'application/grpc-web+proto') =>
    fetchFrom(host, `/test.Echo/${method}`, { 'content-type': type, accept: type }, body);
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from('hi')]);

  test('becomes gRPC for a rule with grpcWeb, also in the first request to a cold host', async () => {
    for (const _ of ['cold', 'warm']) {
      const { status: code, headers, body } = await post('web.test', 'Say', frame);
      expect([code, headers['content-type']]).toEqual([200, 'application/grpc-web+proto']);
      expect(body.subarray(5, 7).toString()).toBe('hi');
      expect(body[7]).toBe(0x80);
      expect(body.subarray(12).toString()).toMatch(/grpc-status: ?0\r\n/);
      expect(body.subarray(12).toString()).toMatch(/x-trailer: ?last\r\n/);
    }
    const encoded = await post('web.test', 'Say', Buffer.from(frame.toString('base64')), 'application/grpc-web-text');
    expect(Buffer.from(encoded.body.toString().slice(0, 12), 'base64').subarray(5, 7).toString()).toBe('hi');
  });

  test('gets the status unknown for an injected fault', async () => {
    const { status: code, headers } = await post('web.test', 'Count', frame);
    expect([code, headers['grpc-status']]).toEqual([200, '2']);
  });

  test('is explained as the upstream receives it', async () => {
    await post('seen.test', 'Say', frame);
    const headers = { 'content-type': 'application/grpc-web+proto', accept: 'x', 'content-length': '7' };
    const asked = { authority: 'seen.test', method: 'POST', path: '/test.Echo/Say', headers };
    const explained = explain(served.configuration, TENANT, served.fleet, asked);
    if (explained.outcome !== 'matched' || !('destinations' in explained.effect)) throw new Error(explained.why);
    for (const name of ['content-type', 'te', 'grpc-accept-encoding', 'content-length'])
      expect([name, received[name]]).toEqual([name, explained.effect.request.headers[name]?.join()]);
  });

  test.each([
    ['native.test', 'Say'],
    ['server.test', 'Count'],
  ])('is not translated by rules without it, nor with `grpcWeb: false`: %s %s', async (host, method) => {
    const { headers } = await post(host, method, frame);
    expect(headers['content-type']).not.toMatch('grpc-web');
  });

  test('is translated by default on a server with the protocol GRPC-WEB, which serves gRPC as well', async () => {
    for (const _ of ['cold', 'warm']) {
      const { headers, body } = await post('server.test', 'Say', frame);
      expect(headers['content-type']).toBe('application/grpc-web+proto');
      expect(body.subarray(12).toString()).toMatch(/grpc-status: ?0\r\n/);
    }
    expect(await say('server.test', 'hi')).toMatchObject({ code: 0, value: 'hi' });
    expect((await post('server.test', 'Sum', frame)).status).toBe(429);
  });

  test.runIf(hasBrowser())('works from a page of another origin in Chromium', async () => {
    const ports = { 'pages.test': served.ports.http, 'web.test': served.ports.http };
    const result = JSON.parse(await resultOf('http://pages.test/#hello', ports));
    expect(result).toEqual([
      200,
      null,
      'application/grpc-web+proto',
      [
        [0, 'hello'],
        [0x80, expect.stringMatching(/grpc-status: ?0\r\n/)],
      ],
    ]);
  });
});

test('the example of docs/tasks/grpc.md answers calls, and checks the health of its endpoint', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/tasks/grpc.md'), 'utf8');
  const { routes, upstreams } = parse(/^```yaml\n([\s\S]*?)^```/m.exec(page)![1]!);
  const port = await startServer();
  const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts: ['grpc.example'] }];
  const example = await serving({
    gateways: { web: { selector: { ingress: 'public' }, servers } },
    routes: { echo: Route.parse(routes.echo) },
    upstreams: { echo: Upstream.parse({ ...upstreams.echo, port }) },
  });
  try {
    clients.set('grpc.example', connected('grpc.example', example.ports.http));
    // Envoy sends no call to an endpoint before its first check.
    await until('a call to succeed', async () => (await say('grpc.example', 'hi')).code === 0);
    expect(checks).toBeGreaterThan(0);
  } finally {
    await example.edge.close();
  }
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));

/** Sends a POST request over HTTP/1.1, as browsers do to ports without TLS. */
function fetchFrom(host: string, path: string, headers: Record<string, string>, body: Uint8Array) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: served.ports.http, path, method: 'POST', agent: false, headers: { host, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    sent.on('error', reject).end(body);
  });
}
