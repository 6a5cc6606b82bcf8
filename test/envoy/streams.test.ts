/** Time limits and upgrades of rules, on a real Envoy. Each host is cold at its first request, and warm after it. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { explain } from '../../model/explain/explain.ts';
import { Rule } from '../../model/route/rule.ts';
import { TENANT } from './compiled-edge.ts';
import { raw, type Served, serving } from './edge.ts';

let served: Served;
let app: Server;

const rules: Record<string, object> = {
  'plain.test': {},
  'other.test': {},
  'foo.test': { upgrades: ['Foo'] },
  'foo-only.test': { upgrades: ['foo'] },
  'both.test': { upgrades: ['websocket', 'foo'] },
  'none.test': { upgrades: [] },
  // A response moves four times as often, so the idle timeout spares it also when this process has to wait.
  'idle.test': { idleTimeout: '1s' },
  'stream.test': { streamTimeout: '700ms' },
  'timeout.test': { timeout: '500ms' },
  'limits.test': { timeout: '500ms', streamTimeout: '8s' },
  'retried.test': { timeout: '500ms', streamTimeout: '8s', retries: { attempts: 3, perTryTimeout: '200ms' } },
};

beforeAll(async () => {
  app = createServer(async (asked, response) => {
    if (asked.url === '/silent') return;
    if (asked.method === 'POST') {
      for await (const _ of asked);
      return void response.end(JSON.stringify(asked.headers));
    }
    for (let n = 0; n < 5; n++) {
      response.write(`${n}`);
      await sleep(250);
    }
    response.end();
  });
  const sockets = new WebSocketServer({ noServer: true });
  app.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade === 'websocket')
      sockets.handleUpgrade(request, socket, head, (opened) => {
        opened.on('message', (data) => opened.send(String(data)));
      });
    else socket.end(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: foo\r\n\r\n`);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const names = Object.keys(rules);
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: [
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: names },
            {
              port: { number: 443, name: 'https', protocol: 'HTTPS' },
              hosts: names,
              tls: { mode: 'SIMPLE', credentialName: 'all' },
            },
          ],
        },
      },
      routes: Object.fromEntries(
        names.map((host) => [
          host.replace('.', '-'),
          {
            hosts: [host],
            gateways: ['web'],
            http: [Rule.parse({ ...rules[host], route: [{ destination: { upstream: 'app' } }] })],
          },
        ]),
      ),
      upstreams: { app: { port: (app.address() as AddressInfo).port, endpoints: [{ address: '127.0.0.1' }] } },
    },
    { all: names },
  );
});
afterAll(async () => {
  await served?.edge.close();
  app?.closeAllConnections();
  app?.close();
});

/** Opens a WebSocket, of which the first message is echoed. */
async function socketTo(host: string, isSecure = false): Promise<WebSocket> {
  const { ports, authority } = served;
  const url = isSecure ? `wss://127.0.0.1:${ports.https}/` : `ws://127.0.0.1:${ports.http}/`;
  const socket = new WebSocket(url, { headers: { host }, ...(isSecure && { servername: host, ca: authority.pem }) });
  const echoed = new Promise((resolve, reject) => {
    socket.on('open', () => socket.send('hello')).on('message', (data) => resolve(String(data)));
    socket.on('error', reject);
  });
  expect(await echoed).toBe('hello');
  return socket;
}

async function upgradeTo(protocol: string, host: string, isSecure: boolean): Promise<number> {
  const { ports, authority } = served;
  const key = 'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  const [answer] = await raw(
    {
      port: isSecure ? ports.https : ports.http,
      ...(isSecure && { tls: { servername: host, ca: authority.pem } }),
    },
    `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n${key}\r\n`,
  );
  return answer?.status ?? 0;
}

describe('upgrades', () => {
  test('a real WebSocket on a cold and a warm host, over HTTP and HTTPS', async () => {
    for (const isSecure of [false, true])
      for (let n = 0; n < 2; n++) (await socketTo('plain.test', isSecure)).terminate();
  });

  test.each([
    ['foo', 'other.test', 403],
    ['foo', 'foo.test', 101],
    ['websocket', 'foo-only.test', 403],
    ['foo', 'both.test', 101],
    ['websocket', 'both.test', 101],
    ['websocket', 'none.test', 403],
  ])('to %s on %s: %s, on a cold and a warm host, over HTTP and HTTPS', async (protocol, host, status) => {
    const statuses = [];
    for (const isSecure of [false, true])
      for (let n = 0; n < 2; n++) statuses.push(await upgradeTo(protocol, host, isSecure));
    expect(statuses).toEqual(Array(4).fill(status));
    const headers = { connection: 'upgrade', upgrade: protocol };
    const answer = explain(served.configuration, TENANT, served.fleet, { authority: host, headers });
    expect(answer.outcome).toBe(status === 403 ? 'rejected' : 'matched');
  });
});

/** @returns the status 0 when the response is cut off */
async function get(host: string, path: string): Promise<{ status: number; body: string }> {
  const head = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  const [answer] = await raw({ port: served.ports.http }, head);
  return { status: answer?.status ?? 0, body: answer?.body ?? '' };
}

describe('time limits', () => {
  test('an idle timeout ends a wait and spares a response that moves', async () => {
    // Until a host is loaded, the idle timeout of the connection manager applies to the wait for the response.
    expect(await get('idle.test', '/moves')).toEqual({ status: 200, body: '01234' });
    expect((await get('idle.test', '/silent')).status).toBe(504);
  });

  test.concurrent.each(['stream.test', 'timeout.test', 'limits.test', 'retried.test'])(
    '%s: answers 504 before the response, and cuts off a response',
    async (host) => {
      for (let n = 0; n < 2; n++) {
        const start = performance.now();
        expect((await get(host, '/silent')).status).toBe(504);
        expect(performance.now() - start).toBeLessThan(10_000);
      }
      expect((await get(host, '/moves')).status).toBe(0);
    },
  );

  test('timeout begins when the request ends, also beside streamTimeout, and upstreams do not see it', async () => {
    const reply = await new Promise<string>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: served.ports.http, method: 'POST', headers: { host: 'limits.test' } };
      const sent = request(options, async (response) => {
        let reply = '';
        for await (const chunk of response) reply += chunk;
        resolve(reply);
      });
      sent.on('error', reject).write('a');
      setTimeout(() => sent.end('b'), 800);
    });
    expect(JSON.parse(reply)).toMatchObject({ host: 'limits.test' });
    expect(reply).not.toContain('timeout');
  });

  test('a WebSocket ends by the idle and the stream timeout, not by the timeout', async () => {
    const ended = async (host: string): Promise<boolean> => {
      const socket = await socketTo(host);
      const closed = new Promise<boolean>((resolve) => socket.on('close', () => resolve(true)));
      // Envoy closes the connection a second after it ended the stream.
      const isEnded = await Promise.race([closed, sleep(5000, false)]);
      socket.terminate();
      return isEnded;
    };
    expect(await Promise.all(['idle.test', 'stream.test', 'timeout.test'].map(ended))).toEqual([true, true, false]);
  });
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
