/** gRPC calls of a real client to a real server, through a real Envoy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Route } from '../../../model/kinds/route.ts';
import { Upstream } from '../../../model/kinds/upstream.ts';
import { Rule } from '../../../model/route/rule.ts';
import { until } from '../../e2e/process.ts';
import { type Served, serving } from '../edge.ts';
import { EchoClients, EchoServer, streamed } from './service.ts';

let served: Served;
let servers: EchoServer[];
let clients: EchoClients;

beforeAll(async () => {
  servers = [await EchoServer.start(), await EchoServer.start(), await EchoServer.start()];
  const route = [{ destination: { upstream: 'echo' } }];
  const at = (name: string, ...http: object[]) => [
    name,
    { hosts: [`${name}.test`], gateways: ['g'], http: http.map((rule) => Rule.parse(rule)) },
  ];
  const call = (method: string) => [{ grpc: { service: { exact: 'test.Echo' }, method: { exact: method } } }];
  const port = { number: 80, name: 'http', protocol: 'HTTP' as const };
  const hosts = ['plain.test', 'limited.test', 'whole.test', 'both.test', 'local.test'];
  served = await serving({
    gateways: { g: { selector: { ingress: 'public' }, servers: [{ port, hosts }] } },
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
    ]),
    upstreams: {
      echo: { port: 80, protocol: 'GRPC', endpoints: servers.map(({ port }) => ({ address: '127.0.0.1', port })) },
      none: { port: 80, protocol: 'GRPC', endpoints: [] },
    },
  });
  clients = new EchoClients(served.ports.http);
});
afterAll(async () => {
  clients?.close();
  await served?.edge.close();
  for (const server of servers ?? []) server.stop();
});

describe('a deadline of the client', () => {
  test('ends a call that gets no response, also the first to a cold host', async () => {
    // The header alone, so that the gateway and not the client ends the call.
    const metadata = new Metadata();
    metadata.set('grpc-timeout', '300m');
    for (const host of ['plain.test', 'plain.test', 'both.test', 'both.test']) {
      const error = await new Promise<ServiceError>((resolve) => clients.of(host).Say('wait 2000', metadata, resolve));
      expect(error.code).toBe(status.DEADLINE_EXCEEDED);
    }
  });

  test('is not cut short: a call lasts as long as it allows', async () => {
    expect(await clients.say('plain.test', 'wait 700', 5000)).toMatchObject({ code: 0 });
  });

  test('cannot exceed the streamTimeout of the rule', async () => {
    expect(await clients.say('limited.test', 'wait 900', 5000)).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });
});

describe('a stream', () => {
  test('outlives the time limit of responses to other requests, which such a rule does not have by default', async () => {
    const { code, values } = await streamed(clients.of('plain.test').Count('25'));
    expect([code, values.length]).toEqual([0, 25]);
  });

  test('of which the client has ended its half is not cut', async () => {
    const call = clients.of('plain.test').Sum();
    const done = streamed(call);
    for (const value of ['1', '2', '3']) call.write(value);
    call.end();
    expect(await done).toEqual({ code: 0, values: ['ended', '6'] });
  });

  test('is cut by an explicit timeout of the rule', async () => {
    for (const host of ['whole.test', 'both.test']) {
      const { code, values } = await streamed(clients.of(host).Count('25'));
      expect(code).not.toBe(0);
      expect(values.length).toBeLessThan(15);
    }
  });
});

test('the status and the trailers of the server reach the client', async () => {
  expect(await clients.say('plain.test', 'hi')).toMatchObject({ code: 0, value: 'hi', trailer: 'last' });
  const failed = await clients.say('plain.test', 'fail');
  expect(failed).toMatchObject({ code: status.ALREADY_EXISTS, details: 'it exists' });
});

describe('a response of the gateway is a gRPC status', () => {
  test.each([
    ['a 404', 'Other', status.UNIMPLEMENTED],
    ['a 429 as direct response', 'Say', status.UNAVAILABLE],
    ['a 503 without endpoints', 'Count', status.UNAVAILABLE],
    ['a 429 as fault', 'Sum', status.UNAVAILABLE],
  ])('%s', async (_, method, code) => {
    const client = clients.of('local.test');
    for (const _ of ['cold', 'warm']) {
      const call = client.makeServerStreamRequest(`/test.Echo/${method}`, Buffer.from, String, 'x');
      expect((await streamed(call)).code).toBe(code);
    }
  });
});

test('a call to a host that no route serves fails with a reason', async () => {
  expect(await clients.say('nobody.test', 'hi')).toMatchObject({
    code: status.UNIMPLEMENTED,
    details: 'No route serves this host.',
  });
});

test('calls on one connection are balanced one by one', async () => {
  const before = servers.map(({ calls }) => calls);
  const total = Number(process.env.GRPC_CALLS ?? 3000);
  for (let sent = 0; sent < total; sent += 100)
    await Promise.all(Array.from({ length: 100 }, () => clients.say('plain.test', 'x')));
  for (const [index, { calls }] of servers.entries())
    expect(Math.abs((calls - before[index]!) / total - 1 / 3)).toBeLessThan(0.01);
});

test('the example of docs/tasks/grpc.md answers calls, and checks the health of its endpoint', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/tasks/grpc.md'), 'utf8');
  const { routes, upstreams } = parse(/^```yaml\n([\s\S]*?)^```/m.exec(page)![1]!);
  const { port } = servers[0]!;
  const port80 = { number: 80, name: 'http', protocol: 'HTTP' as const };
  const example = await serving({
    gateways: { web: { selector: { ingress: 'public' }, servers: [{ port: port80, hosts: ['grpc.example'] }] } },
    routes: { echo: Route.parse(routes.echo) },
    upstreams: { echo: Upstream.parse({ ...upstreams.echo, port }) },
  });
  const callers = new EchoClients(example.ports.http);
  try {
    // Envoy sends no call to an endpoint before its first check.
    await until('a call to succeed', async () => (await callers.say('grpc.example', 'hi')).code === 0);
    expect(servers[0]!.checks).toBeGreaterThan(0);
  } finally {
    callers.close();
    await example.edge.close();
  }
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
