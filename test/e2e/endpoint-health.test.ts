/** Health checks, priorities, localities, PROXY protocol and logical DNS of upstreams, on a real Envoy. */
import { createServer, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NameServer } from './dns.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

/** Answers with its name, and is as healthy as the test says. */
class App {
  healthy = true;
  checks: string[] = [];
  requests = 0;
  readonly server: Server;
  constructor(name: string) {
    this.server = createServer((request, response) => {
      if (request.url === '/healthz') {
        this.checks.push(String(request.headers.host));
        response.writeHead(this.healthy ? 204 : 500).end();
        return;
      }
      this.requests++;
      response.end(name);
    });
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

let stack: Stack;
let names: NameServer;
let [a, b, c, logical]: App[] = [];
let grpc: Http2Server;
/** Answers with the first line of each connection. */
let announced: TcpServer;

const hostOf = (name: string) => `${name}.health.test`;
const ask = async (name: string) => http({ port: stack.httpPort, host: hostOf(name) });
async function shares(name: string, count: number) {
  const all: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const { status, body } = await ask(name);
    const by = status === 200 ? body : String(status);
    all[by] = (all[by] ?? 0) + 1;
  }
  return all;
}

beforeAll(async () => {
  names = await NameServer.start();
  names.set('logical.dns.test', '127.0.0.1');
  [a, b, c, logical] = ['a', 'b', 'c', 'logical'].map((name) => new App(name)) as [App, App, App, App];
  grpc = createHttp2Server();
  grpc.on('stream', (stream: ServerHttp2Stream, headers) => {
    const isCheck = headers[':path'] === '/grpc.health.v1.Health/Check';
    stream.on('error', () => {});
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    // HealthCheckResponse with the status NOT_SERVING.
    stream.end(isCheck ? Buffer.from([0, 0, 0, 0, 2, 8, 2]) : 'grpc');
  });
  announced = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data: Buffer) => {
      const line = data[0] === 0x0d ? `v2 ${[...data.subarray(16, 20)].join('.')}` : data.toString().split('\r\n')[0]!;
      socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${line.length}\r\n\r\n${line}`);
    });
  });
  for (const { server } of [a, b, c]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  for (const server of [logical.server, grpc, announced])
    await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
  stack = await Stack.start({ ...names.resolver, adapt: (config) => names.resolving(config) });
  await stack.createTenant('acme');
  const at = ({ port }: App, more: object = {}) => ({ address: '127.0.0.1', port, ...more });
  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
  const check = { http: { path: '/healthz', statuses: [204] }, interval: '1s', unhealthyThreshold: 1 };
  const local = { port: 80, endpoints: [{ address: '127.0.0.1', port: portOf(announced) }] };
  const mostlyDead = {
    port: 80,
    endpoints: [at(a), ...[1, 2].map((port) => ({ address: '127.0.0.1', port }))],
    healthChecks: [{ tcp: {}, interval: '1s', unhealthyThreshold: 1 }],
  };
  const upstreams = {
    checked: {
      port: 80,
      // Nothing listens on the port of the third one.
      endpoints: [at(a), at(b), { address: '127.0.0.1', port: 1 }],
      healthChecks: [check],
      loadBalancer: { panicThreshold: 0 },
    },
    tcp: {
      port: 80,
      endpoints: [at(a), { address: '127.0.0.1', port: 1 }],
      healthChecks: [{ tcp: {}, interval: '1s' }],
    },
    // A third of the endpoints is healthy.
    calm: { ...mostlyDead, loadBalancer: { panicThreshold: 30 } },
    panicking: mostlyDead,
    grpc: {
      port: portOf(grpc),
      protocol: 'GRPC',
      endpoints: [{ address: '127.0.0.1' }],
      healthChecks: [{ grpc: {}, interval: '1s', unhealthyThreshold: 1 }],
      loadBalancer: { panicThreshold: 0 },
    },
    failover: {
      port: 80,
      endpoints: [at(c), at(b, { priority: 5 })],
      healthChecks: [check],
    },
    weighted: {
      port: 80,
      endpoints: [at(a, { locality: 'eu/a' }), at(b, { locality: 'eu/b' })],
      loadBalancer: { localityWeights: { 'eu/a': 80, 'eu/b': 20 } },
    },
    v1: { ...local, proxyProtocol: 'V1' },
    v2: { ...local, proxyProtocol: 'V2' },
    logical: { port: 80, dns: 'logical', endpoints: [{ address: 'logical.dns.test', port: logical.port }] },
    denied: {
      port: 80,
      endpoints: [{ address: '127.0.0.7', port: logical.port }],
      healthChecks: [check],
    },
  };
  await stack.publish('acme', 'configuration', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.health.test'] }],
      },
    },
    upstreams,
    routes: Object.fromEntries(
      Object.keys(upstreams).map((upstream) => [
        upstream,
        { hosts: [hostOf(upstream)], gateways: ['web'], http: [{ route: [{ destination: { upstream } }] }] },
      ]),
    ),
  });
});
afterAll(async () => {
  await stack?.stop();
  for (const server of [a?.server, b?.server, c?.server, logical?.server]) {
    server?.closeAllConnections();
    server?.close();
  }
  grpc?.close();
  announced?.close();
  await names?.stop();
});

describe('health checks', () => {
  it('the first request does not wait for them, and no request goes to an unhealthy endpoint afterwards', async () => {
    const first = await ask('checked');
    // One of three endpoints does not listen, and nothing is known about it yet.
    expect(first.body === 'a' || first.body === 'b' || /connect|reset/i.test(first.body)).toBe(true);
    await until(
      'the checks',
      async () =>
        Object.keys(await shares('checked', 12))
          .sort()
          .join() === 'a,b',
    );
    expect(await shares('checked', 40)).toEqual({ a: expect.any(Number), b: expect.any(Number) });
    expect(new Set(a!.checks)).toEqual(new Set(['checked']));
  });

  it('an endpoint that becomes unhealthy gets no requests until it is healthy again', async () => {
    a!.healthy = false;
    await until('a to be left', async () => !('a' in (await shares('checked', 8))));
    expect(await shares('checked', 20)).toEqual({ b: 20 });
    a!.healthy = true;
    await until('a to return', async () => 'a' in (await shares('checked', 8)));
  });

  it('TCP: an endpoint that does not listen gets no requests', async () => {
    await until('the checks', async () => (await shares('tcp', 10)).a === 10);
  });

  it('with fewer healthy endpoints than the panic threshold, requests go to all endpoints', async () => {
    await ask('panicking');
    await until('the checks', async () => (await shares('calm', 12)).a === 12);
    expect(await shares('panicking', 30)).toMatchObject({ a: expect.any(Number), 503: expect.any(Number) });
    expect(await shares('calm', 30)).toEqual({ a: 30 });
  });

  it('gRPC: a server that reports that it does not serve gets no requests', async () => {
    expect((await ask('grpc')).status).toBe(200);
    await until('the check', async () => (await ask('grpc')).status === 503);
  });

  it('a denied destination is neither checked nor requested, though it was healthy', async () => {
    await until('the host', async () => (await ask('denied')).status === 200);
    await until('a check', () => logical!.checks.length > 0);
    const denied = await stack.call('/fleets/edge?force=true', {
      method: 'PATCH',
      body: { denyDestinations: ['127.0.0.7/32', '127.9.0.0/16'] },
      headers: { prefer: 'wait=20' },
    });
    expect(denied.status).toBe(200);
    const { requests } = logical!;
    expect((await ask('denied')).status).toBe(503);
    // A check that was under way has ended.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const checks = logical!.checks.length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect([logical!.requests, logical!.checks.length]).toEqual([requests, checks]);
  });
});

it('requests go to the next priority while the first one is unhealthy', async () => {
  await until('the checks', async () => (await shares('failover', 10)).c === 10);
  c!.healthy = false;
  await until('the failover', async () => (await shares('failover', 10)).b === 10);
  c!.healthy = true;
  await until('the return', async () => (await shares('failover', 10)).c === 10);
});

it('localities get their shares', async () => {
  const found = await shares('weighted', 300);
  expect(found.a).toBeGreaterThan(205);
  expect(found.a).toBeLessThan(270);
});

it('PROXY protocol names the client', async () => {
  expect((await ask('v1')).body).toMatch(/^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+$/);
  expect((await ask('v2')).body).toBe('v2 127.0.0.1');
});

it('a logical name that resolves to a denied address gets 403', async () => {
  await until('the name', async () => (await ask('logical')).status === 200);
  names.set('logical.dns.test', '127.9.0.1');
  await until('the name to be denied', async () => (await ask('logical')).status === 403);
  const { requests } = logical!;
  for (let n = 0; n < 5; n++) expect((await ask('logical')).status).toBe(403);
  expect(logical!.requests).toBe(requests);
});

it.each([
  [{ dns: 'logical', endpoints: [{ address: '192.0.2.1' }] }, '/dns'],
  [{ dns: 'logical', endpoints: [{ address: 'a.test' }, { address: 'b.test' }] }, '/dns'],
  [{ healthChecks: [{ tcp: {} }], endpoints: [{ address: 'a.test' }] }, '/healthChecks'],
  [{ healthChecks: [{ tcp: {}, interval: '500ms' }] }, '/healthChecks/0/interval'],
  [{ healthChecks: [{ grpc: {} }] }, '/healthChecks/0/grpc'],
  [
    { healthChecks: [{ tcp: {}, interval: '1s' }], endpoints: Array(201).fill({ address: '192.0.2.1' }) },
    '/healthChecks/0/interval',
  ],
  [{ endpoints: [{ address: '192.0.2.1', locality: 'eu' }] }, '/endpoints/0/locality'],
])('%j is rejected', async (spec, path) => {
  const body = { port: 80, endpoints: [], ...spec };
  const reply = await stack.call('/tenants/acme/upstreams/x', { method: 'PUT', body });
  expect(reply.body.violations).toMatchObject([{ path }]);
});
