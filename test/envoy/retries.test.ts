/** Retries on a real Envoy. What counts is how often the upstream gets a request. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rule } from '../../model/route/rule.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { type Served, serving } from './edge.ts';

/** How often each path arrived. The first request of a path fails in the way that the path begins with. */
const arrived = new Map<string, number>();
let app: Server;
let served: Served;

beforeAll(async () => {
  app = createServer((request, response) => {
    const path = request.url!;
    const count = (arrived.get(path) ?? 0) + 1;
    arrived.set(path, count);
    if (count > 1) response.end('answered');
    else if (path.startsWith('/503')) response.writeHead(503).end();
    else if (path.startsWith('/reset')) request.socket.destroy();
    // `/slow` never answers the first request.
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const { port } = app.address() as AddressInfo;
  const rule = (host: string, retries?: Rule['retries'], upstream = 'app') => ({
    hosts: [host],
    gateways: ['g'],
    http: [{ route: [{ destination: { upstream } }], ...(retries && { retries }) }],
  });
  const hosts = ['once.test', 'again.test', 'all.test', 'late.test', 'half.test', 'half-once.test'];
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
        once: rule('once.test'),
        again: rule('again.test', { attempts: 2 }),
        all: rule('all.test', { attempts: 2, nonIdempotent: true }),
        late: rule('late.test', { attempts: 1, perTryTimeout: '1s', backoff: { base: '1ms' } }),
        half: rule('half.test', { attempts: 1 }, 'half'),
        'half-once': rule('half-once.test', undefined, 'half'),
      },
      upstreams: {
        app: { port, endpoints: [{ address: '127.0.0.1' }] },
        half: {
          port,
          endpoints: [{ address: '127.0.0.1' }, { address: '127.0.0.1', port: await freePort() }],
          circuitBreaker: { retryBudget: { percentage: 50, minimum: 20 } },
        },
      },
    },
    { c: hosts },
  );
});
afterAll(async () => {
  await served?.edge.close();
  app?.closeAllConnections();
  app?.close();
});

let paths = 0;
/** Sends a request with a new path, and returns the status and how often the upstream got it. */
async function send(method: string, host: string, failure: string, isSecure = false): Promise<[number, number]> {
  const path = `/${failure}/${paths++}`;
  const { status } = await ask(
    {
      port: isSecure ? served.ports.https : served.ports.http,
      method,
      path,
      headers: { host, ...(method !== 'GET' && { 'content-length': '0' }) },
      ...(isSecure && { servername: host, ca: served.authority.pem }),
    },
    isSecure,
  );
  return [status, arrived.get(path) ?? 0];
}

describe('without retries, every request is sent once', () => {
  test.each(['GET', 'POST'])('%s', async (method) => {
    for (const _ of ['cold', 'warm'])
      for (const failure of ['503', 'reset']) expect(await send(method, 'once.test', failure)).toEqual([503, 1]);
  });
});

describe('with retries, also on the first request to a cold host', () => {
  test.each([false, true])('an idempotent request is sent again (over HTTPS: %s)', async (isSecure) => {
    for (const _ of ['cold', 'warm'])
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
        for (const failure of ['503', 'reset'])
          expect(await send(method, 'again.test', failure, isSecure), method).toEqual([200, 2]);
  });

  test.each([false, true])('a payment is not doubled (over HTTPS: %s)', async (isSecure) => {
    for (const _ of ['cold', 'warm'])
      for (const method of ['POST', 'PATCH', 'PURGE'])
        for (const failure of ['503', 'reset'])
          expect(await send(method, 'again.test', failure, isSecure), method).toEqual([503, 1]);
  });

  test('unless the rule says that it may be', async () => {
    for (const failure of ['503', 'reset']) expect(await send('POST', 'all.test', failure)).toEqual([200, 2]);
  });

  test('a request that takes too long is sent again, but no POST', async () => {
    expect(await send('GET', 'late.test', 'slow')).toEqual([200, 2]);
    expect(await send('POST', 'late.test', 'slow')).toEqual([504, 1]);
  });

  test('a POST is sent again when no connection was opened, to another endpoint, within the budget', async () => {
    const statuses = async (host: string, method: string) =>
      (await Promise.all(Array.from({ length: 20 }, () => send(method, host, 'ok')))).map(
        ([status, count]) => `${status} ${count}`,
      );
    // The first request of a path that begins with `/ok` is never answered, so these paths have been requested before.
    for (let path = paths; path < paths + 60; path++) arrived.set(`/ok/${path}`, 1);
    expect(new Set(await statuses('half-once.test', 'POST'))).toEqual(new Set(['200 2', '503 1']));
    expect(new Set(await statuses('half.test', 'POST'))).toEqual(new Set(['200 2']));
    expect(new Set(await statuses('half.test', 'GET'))).toEqual(new Set(['200 2']));
  });
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
