/** Injected faults on a real Envoy. */
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Rule } from '../../model/route/rule.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';

const hosts = ['http.test', 'https.test', 'untouched.test'];
let echo: Awaited<ReturnType<typeof startEcho>>;
let served: Served;

beforeAll(async () => {
  echo = await startEcho();
  const rule = (path: string, fault: Rule['fault']): Rule => ({
    match: [{ uri: { exact: path } }],
    fault,
    route: [{ destination: { upstream: 'echo' } }],
  });
  const http = [
    rule('/abort', { abort: { httpStatus: 418 } }),
    rule('/grpc', { abort: { grpcStatus: 8 } }),
    rule('/some', { abort: { httpStatus: 503, percentage: 20 } }),
    rule('/none', { abort: { httpStatus: 503, percentage: 0 } }),
    rule('/slow', { delay: { fixed: '300ms' } }),
    rule('/chosen', { delay: { fromHeader: true }, abort: { fromHeader: true } }),
  ];
  const route = (host: string) => ({ hosts: [host], gateways: ['g'], http });
  served = await serving(
    {
      gateways: {
        g: {
          selector: { ingress: 'public' },
          servers: [
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts },
            {
              port: { number: 443, name: 'https', protocol: 'HTTPS' },
              hosts,
              tls: { mode: 'SIMPLE', credentialName: 'c' },
            },
          ],
        },
      },
      routes: {
        http: route('http.test'),
        https: route('https.test'),
        untouched: {
          hosts: ['untouched.test'],
          gateways: ['g'],
          http: [{ route: [{ destination: { upstream: 'echo' } }] }],
        },
      },
      upstreams: { echo: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] } },
    },
    { c: hosts },
  );
});
afterAll(async () => {
  await served?.edge.close();
  echo?.server.close();
});

const get = (host: string, path: string, headers: Record<string, string> = {}) => {
  const isSecure = host === 'https.test';
  return ask(
    {
      port: isSecure ? served.ports.https : served.ports.http,
      path,
      headers: { host, ...headers },
      ...(isSecure && { servername: host, ca: served.authority.pem }),
    },
    isSecure,
  );
};

test.each(['http.test', 'https.test'])(
  'without a percentage, every request is aborted, also the first one to a cold host: %s',
  async (host) => {
    for (const _ of ['cold', 'warm', 'warm'])
      expect(await get(host, '/abort')).toMatchObject({ status: 418, body: 'fault filter abort' });
    expect(await get('untouched.test', '/abort')).toMatchObject({ status: 200 });
  },
);

test('a gRPC status reaches gRPC clients; others get 200', async () => {
  const { status, headers } = await get('http.test', '/grpc', { 'content-type': 'application/grpc' });
  expect([status, headers['grpc-status']]).toEqual([200, '8']);
  expect((await get('http.test', '/grpc')).status).toBe(200);
});

test('a share of 2,000 requests is aborted', async () => {
  let aborted = 0;
  for (let sent = 0; sent < 2000; sent += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('http.test', '/some')));
    aborted += answers.filter(({ status }) => status === 503).length;
  }
  // 20 %: 400 ± 5 standard deviations.
  expect(aborted).toBeGreaterThan(310);
  expect(aborted).toBeLessThan(490);
  for (let sent = 0; sent < 50; sent++) expect((await get('http.test', '/none')).status).toBe(200);
});

test('a request waits for the delay', async () => {
  const start = performance.now();
  expect((await get('http.test', '/slow')).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(290);
});

test('a client chooses the fault of its own request, where the rule allows it', async () => {
  expect((await get('http.test', '/chosen')).status).toBe(200);
  expect((await get('http.test', '/chosen', { 'x-envoy-fault-abort-request': '507' })).status).toBe(507);
  expect((await get('http.test', '/none', { 'x-envoy-fault-abort-request': '507' })).status).toBe(200);
  const start = performance.now();
  expect((await get('http.test', '/chosen', { 'x-envoy-fault-delay-request': '200' })).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(190);
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
