/** Mirrors on a real Envoy: what they receive, and that the client never notices them. */
import { createServer as createHttpServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rule } from '../../model/route/rule.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import { raw, type Served, serving } from './edge.ts';

/** The requests that each upstream received, by the path that they were sent with. */
const received: Record<string, { url: string; host: string; body: string }[]> = { app: [], audit: [] };
const servers: Server[] = [];
/** Accepts connections and never answers. */
const silent = createServer((socket) => socket.on('error', () => {}).resume());
/** Accepts connections and never reads. */
const deaf = createServer({ pauseOnConnect: true }, (socket) => {
  socket.on('error', () => {});
  unread.push(socket);
});
const unread: Socket[] = [];
/** Sends whatever it gets to the gateway again, as a proxy in front of the gateway would. */
const relay = createServer((socket) => {
  socket.on('error', () => {});
  const again = connect(served.ports.http, '127.0.0.1').on('error', () => socket.destroy());
  socket.on('data', (data) => (relayed += String(data).split('GET /loop').length - 1));
  socket.pipe(again).pipe(socket);
});
let relayed = 0;
let denied: Server;
let deniedRequests = 0;
let served: Served;

async function recording(name: keyof typeof received): Promise<number> {
  const { port, server } = await startEcho(async (request) => {
    let body = '';
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      return undefined; // the client has left
    }
    received[name]!.push({ url: request.url!, host: request.headers.host!, body });
    return name === 'audit' ? 500 : 200;
  });
  servers.push(server);
  return port;
}

beforeAll(async () => {
  const [app, audit] = [await recording('app'), await recording('audit')];
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  // Listens on every loopback address, so it would also get a request for a denied one.
  denied = createHttpServer((_, response) => {
    deniedRequests++;
    response.end();
  });
  await new Promise<void>((resolve) => denied.listen(0, resolve));
  const deniedPort = (denied.address() as AddressInfo).port;
  const rule = (path: string, mirrors: Rule['mirrors'], more: Partial<Rule> = {}): Rule => ({
    match: [{ uri: { exact: path } }],
    route: [{ destination: { upstream: 'app' } }],
    mirrors,
    ...more,
  });
  const to = (upstream: string, percentage?: number) => ({
    destination: { upstream },
    ...(percentage !== undefined && { percentage }),
  });
  const at = (port: number, address = '127.0.0.1') => ({ port, endpoints: [{ address }] });
  const hosts = ['cold.test', 'warm.test'];
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
        r: {
          hosts,
          gateways: ['g'],
          http: [
            rule('/all', [to('audit')], { rewrite: { uri: '/new' } }),
            rule('/some', [to('audit', 25)]),
            rule('/none', [to('audit', 0)]),
            rule('/unwell', [to('dead'), to('silent'), to('missing')]),
            rule('/deaf', [to('deaf'), to('deaf2'), to('audit')], { idleTimeout: '24h' }),
            rule('/denied', [to('denied'), to('named')]),
            { ...rule('/loop', [to('relay')]), route: [{ destination: { upstream: 'relay' } }] },
          ],
        },
      },
      upstreams: {
        app: at(app),
        audit: at(audit),
        dead: at(await freePort()),
        silent: at((silent.address() as AddressInfo).port),
        deaf: at((deaf.address() as AddressInfo).port),
        deaf2: at((deaf.address() as AddressInfo).port),
        relay: at((relay.address() as AddressInfo).port),
        missing: { port: 80, endpoints: [] },
        denied: at(deniedPort, '127.9.9.9'),
        // The API rejects such a mirror. Envoy would send copies to whatever the name resolves to.
        named: { ...at(deniedPort, 'localhost'), dns: 'logical' },
      },
    },
    { c: hosts },
    { denyDestinations: ['127.9.0.0/16'] },
  );
});
afterAll(async () => {
  await served?.edge.close();
  for (const server of [...servers, denied]) {
    server?.closeAllConnections();
    server?.close();
  }
  silent.close();
  deaf.close();
  for (const socket of unread) socket.destroy();
  relay.close();
});

const get = (host: string, path: string, isSecure = false) =>
  ask(
    {
      port: isSecure ? served.ports.https : served.ports.http,
      path,
      headers: { host },
      ...(isSecure && { servername: host, ca: served.authority.pem }),
    },
    isSecure,
  );
const copies = (url: string) => received.audit!.filter((each) => each.url === url).length;
async function settled(count: () => number, expected: number): Promise<void> {
  for (const end = Date.now() + 10_000; count() < expected && Date.now() < end; ) await sleep(20);
}

describe('a mirror', () => {
  test.each([
    ['over HTTP', 'cold.test', false],
    ['over HTTPS', 'warm.test', true],
  ])('gets the request as the upstream does, %s, also the first one to a cold host', async (_, host, isSecure) => {
    received.audit!.length = 0;
    for (const count of [1, 2]) {
      // The mirror answers 500.
      expect(await get(host, '/all', isSecure)).toMatchObject({ status: 200, seen: { url: '/new' } });
      await settled(() => copies('/new'), count);
      expect(copies('/new')).toBe(count);
    }
    expect(received.audit!.map((each) => each.host)).toEqual([host, host]);
  });

  test('gets its share of 2,000 requests', async () => {
    received.audit!.length = 0;
    for (let sent = 0; sent < 2000; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => get('warm.test', '/some')));
    await sleep(300);
    // 25 %: 500 ± 5 standard deviations.
    expect(copies('/some')).toBeGreaterThan(403);
    expect(copies('/some')).toBeLessThan(597);
    for (let sent = 0; sent < 50; sent++) await get('warm.test', '/none');
    expect(copies('/none')).toBe(0);
  });

  test('changes nothing for the client when it is dead, silent or without endpoints', async () => {
    const count = received.app!.length;
    const answers = await Promise.all(Array.from({ length: 100 }, () => get('warm.test', '/unwell')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(received.app!.length - count).toBe(100);
  });

  test.each([
    ['never answers', '/unwell', 3_000_000],
    ['never reads', '/deaf', 20_000_000],
  ])('that %s does not hold back a large body', async (_, path, length) => {
    const body = 'x'.repeat(length);
    const sent = performance.now();
    const status = await new Promise((resolve, reject) => {
      upload(path, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end(body);
    });
    expect(status).toBe(200);
    expect(performance.now() - sent).toBeLessThan(10_000);
    expect(received.app!.at(-1)!.body.length).toBe(length);
  });

  test('gets the whole body of a request whose other mirror never reads', async () => {
    await settled(() => copies('/deaf'), 1);
    expect(received.audit!.find(({ url }) => url === '/deaf')!.body.length).toBe(20_000_000);
  });

  test('that never reads keeps nothing of an upload whose client has left', async () => {
    const left = upload('/deaf', () => {}).on('error', () => {});
    left.write('x'.repeat(20_000_000));
    await settled(() => unread.length, 4);
    left.destroy();
    const open = `acme/deaf//mirror::127.0.0.1:${(deaf.address() as AddressInfo).port}::rq_active::`;
    const atMost = Date.now() + 10_000;
    let clusters = '';
    do clusters = (await served.edge.admin('/clusters')).body;
    while (!clusters.includes(`${open}0`) && Date.now() < atMost);
    expect(clusters).toContain(`${open}0`);
  });
});

const upload = (path: string, answered: (response: IncomingMessage) => void) =>
  request({ port: served.ports.http, method: 'POST', path, headers: { host: 'warm.test' } }, answered);

test('no copy goes to a denied address, or to a name', async () => {
  for (const host of ['cold.test', 'warm.test'])
    for (let sent = 0; sent < 5; sent++) expect((await get(host, '/denied')).status).toBe(200);
  await sleep(300);
  expect(deniedRequests).toBe(0);
});

test('a request and its copies that come back to the gateway end after four passes', async () => {
  for (const host of ['cold.test', 'warm.test']) {
    relayed = 0;
    const answer = await raw({ port: served.ports.http }, `GET /loop HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    expect(answer).toMatchObject([{ status: 508, body: 'This request has passed gatehouse more than 4 times.' }]);
    await settled(() => relayed, 2 + 4 + 8 + 16);
    await sleep(200);
    expect(relayed).toBe(2 + 4 + 8 + 16);
  }
  const [other] = await raw(
    { port: served.ports.http },
    'GET /all HTTP/1.1\r\nhost: warm.test\r\ncdn-loop: cloudflare; a=1, gatehouse\r\nCDN-Loop: gatehouse\r\n\r\n',
  );
  expect(other!.status).toBe(200);
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
