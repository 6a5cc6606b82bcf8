/** gRPC-Web requests of browsers to a gRPC server, through a real Envoy. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../../model/explain/explain.ts';
import { Rule } from '../../../model/route/rule.ts';
import { hasBrowser, resultOf } from '../browser.ts';
import { startEcho, TENANT } from '../compiled-edge.ts';
import { type Served, serving } from '../edge.ts';
import { EchoClients, EchoServer } from './service.ts';

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

let served: Served;
let server: EchoServer;
/** An upstream that notes the headers that it receives. */
let plain: Awaited<ReturnType<typeof startEcho>>;
let received: IncomingHttpHeaders = {};

beforeAll(async () => {
  plain = await startEcho(async ({ headers }) => {
    received = headers;
    return 200;
  });
  server = await EchoServer.start();
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
  const hosts = ['web.test', 'pages.test', 'native.test', 'seen.test'];
  served = await serving({
    gateways: {
      g: {
        selector: { ingress: 'public' },
        servers: [
          { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts },
          { port: { number: 80, name: 'web', protocol: 'GRPC-WEB' }, hosts: ['server.test'] },
        ],
      },
    },
    routes: Object.fromEntries([
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
      echo: { port: server.port, protocol: 'GRPC', endpoints: [{ address: '127.0.0.1' }] },
      seen: { port: plain.port, endpoints: [{ address: '127.0.0.1' }] },
    },
  });
});
afterAll(async () => {
  await served?.edge.close();
  plain?.server.close();
  server?.stop();
});

const FRAME = Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from('hi')]);

test('a rule with grpcWeb translates requests to gRPC, also the first request to a cold host', async () => {
  for (const _ of ['cold', 'warm']) {
    const { status, headers, body } = await post('web.test', 'Say', FRAME);
    expect([status, headers['content-type']]).toEqual([200, 'application/grpc-web+proto']);
    expect(body.subarray(5, 7).toString()).toBe('hi');
    expect(body[7]).toBe(0x80);
    expect(body.subarray(12).toString()).toMatch(/grpc-status: ?0\r\n/);
    expect(body.subarray(12).toString()).toMatch(/x-trailer: ?last\r\n/);
  }
  const encoded = await post('web.test', 'Say', Buffer.from(FRAME.toString('base64')), 'application/grpc-web-text');
  expect(Buffer.from(encoded.body.toString().slice(0, 12), 'base64').subarray(5, 7).toString()).toBe('hi');
});

test('a request gets the status unknown for an injected fault', async () => {
  const { status, headers } = await post('web.test', 'Count', FRAME);
  expect([status, headers['grpc-status']]).toEqual([200, '2']);
});

test('a request is explained as the upstream receives it', async () => {
  await post('seen.test', 'Say', FRAME);
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
])('rules without grpcWeb, or with `grpcWeb: false`, do not translate requests: %s %s', async (host, method) => {
  const { headers } = await post(host, method, FRAME);
  expect(headers['content-type']).not.toMatch('grpc-web');
});

test('a server with the protocol GRPC-WEB translates requests by default, and serves gRPC as well', async () => {
  for (const _ of ['cold', 'warm']) {
    const { headers, body } = await post('server.test', 'Say', FRAME);
    expect(headers['content-type']).toBe('application/grpc-web+proto');
    expect(body.subarray(12).toString()).toMatch(/grpc-status: ?0\r\n/);
  }
  const clients = new EchoClients(served.ports.http);
  expect(await clients.say('server.test', 'hi')).toMatchObject({ code: 0, value: 'hi' });
  clients.close();
  expect((await post('server.test', 'Sum', FRAME)).status).toBe(429);
});

test.runIf(hasBrowser())('a page of another origin calls the server in Chromium', async () => {
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

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));

/** Sends a gRPC-Web request over HTTP/1.1, as browsers do to ports without TLS. */
function post(host: string, method: string, body: Uint8Array, type = 'application/grpc-web+proto') {
  const headers = { host, 'content-type': type, accept: type };
  const options = { host: '127.0.0.1', port: served.ports.http, path: `/test.Echo/${method}`, headers };
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    const sent = request({ ...options, method: 'POST', agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end(body);
  });
}
