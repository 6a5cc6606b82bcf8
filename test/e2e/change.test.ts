import { Agent as HttpAgent, request } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Authority } from './authority.ts';
import { Backend } from './backend.ts';
import { saying, simple, upstream } from './configuration.ts';
import { http, https } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let authority: Authority;
let one: Backend;
let two: Backend;

beforeAll(async () => {
  [stack, authority, one, two] = await Promise.all([
    Stack.start(),
    Authority.create(),
    Backend.start('one'),
    Backend.start('two'),
  ]);
});

afterAll(async () => {
  await Promise.all([stack?.stop(), one?.stop(), two?.stop()]);
});

async function tenant(name: string, host: string, more?: { https?: string }): Promise<void> {
  await stack.createTenant(name);
  await stack.publish(name, 'configuration', simple(host, one, more));
}

const ask = (host: string, path = '/', headers: Record<string, string> = {}) =>
  http({ port: stack.httpPort, host, path, headers });

describe('a change', () => {
  it('is live when the waiting PUT answers 200, cold host or warm', async () => {
    await tenant('now', 'now.test');
    await stack.publish('now', 'routes/app', saying('now.test', 'first'));
    expect((await ask('now.test')).body).toBe('first');
    for (let n = 0; n < 20; n++) {
      await stack.publish('now', 'routes/app', saying('now.test', `round ${n}`));
      expect((await ask('now.test')).body).toBe(`round ${n}`);
    }
  });

  it('fails none of more than two thousand requests while a hundred changes become live', async () => {
    await tenant('busy', 'busy.test');
    await ask('busy.test');
    const agent = new HttpAgent({ keepAlive: true, maxSockets: 32 });
    const statuses = new Map<number | string, number>();
    let done = false;
    const worker = async () => {
      while (!done) {
        const status = await get(agent, 'busy.test').catch((error: Error) => error.message);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const workers = Array.from({ length: 32 }, worker);
    for (let change = 0; change < 100; change++) {
      await stack.publish(
        'busy',
        'revisions',
        moveTo('busy.test', change % 2 === 0 ? 'green' : 'blue', change % 2 === 0 ? 'blue' : 'green', change),
        'POST',
      );
    }
    await until('two thousand requests', () => [...statuses.values()].reduce((sum, n) => sum + n, 0) >= 2000);
    done = true;
    await Promise.all(workers);
    agent.destroy();
    expect([...statuses.keys()]).toEqual([200]);
  });

  it('keeps an open WebSocket open', async () => {
    await tenant('socket', 'socket.test');
    const socket = new WebSocket(`ws://127.0.0.1:${stack.httpPort}/chat`, { headers: { host: 'socket.test' } });
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(String(data)));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send('before');
    await until('the first echo', () => answers.length === 1);
    await stack.publish('socket', 'routes/extra', {
      ...saying('socket.test', 'x'),
      http: [{ match: [{ uri: { exact: '/extra' } }], directResponse: { status: 200, body: 'x' } }],
    });
    socket.send('after');
    await until('the second echo', () => answers.length === 2);
    socket.close();
    expect(answers).toEqual(['one: before', 'one: after']);
  });

  it('of a certificate fails no connection meanwhile', async () => {
    await stack.createTenant('rotate');
    const first = await authority.issue('rotate.test');
    await stack.publish('rotate', 'configuration', {
      ...simple('rotate.test', one, { https: 'cert' }),
      certificates: { cert: first },
    });
    const before = await fingerprint('rotate.test');
    await stack.publish('rotate', 'certificates/cert', await authority.issue('rotate.test'));
    await until('the new certificate', async () => (await fingerprint('rotate.test')) !== before);
    expect((await https({ port: stack.httpsPort, host: 'rotate.test', ca: authority.pem })).status).toBe(200);

    // The gateway may also name another one.
    const second = await fingerprint('rotate.test');
    await stack.publish('rotate', 'certificates/other', await authority.issue('rotate.test'));
    await stack.publish('rotate', 'routes/app', saying('rotate.test', 'in between'));
    const { gateways } = simple('rotate.test', one, { https: 'other' });
    await stack.publish('rotate', 'gateways/web', gateways.web);
    await until('the other certificate', async () => (await fingerprint('rotate.test')) !== second);
  });

  it('that deletes a host makes it answer 404, and another tenant can claim the host', async () => {
    await tenant('leaver', 'moving.test');
    expect((await ask('moving.test')).status).toBe(200);
    await stack.publish('leaver', 'routes/app', undefined, 'DELETE');
    expect((await ask('moving.test')).status).toBe(404);
    await stack.publish('leaver', 'configuration', {});
    await stack.createTenant('comer');
    await stack.publish('comer', 'configuration', {
      ...simple('moving.test', one),
      routes: { app: saying('moving.test', 'mine now') },
    });
    await until('the new holder', async () => (await ask('moving.test')).body === 'mine now');
  });

  it('that deletes a tenant ends the serving of its hosts', async () => {
    await tenant('gone', 'gone.test');
    expect((await ask('gone.test')).status).toBe(200);
    const { headers } = await stack.call('/tenants/gone');
    const removed = await stack.call('/tenants/gone', {
      method: 'DELETE',
      headers: { 'if-match': headers.get('etag') ?? '*' },
    });
    expect(removed.status).toBe(204);
    await until('404', async () => (await ask('gone.test')).status === 404);
  });

  it('makes a host available on the port that admits it, and on no other', async () => {
    await stack.createTenant('secure');
    const all = simple('secure.test', one, { https: 'cert' });
    const gateways = {
      web: { ...all.gateways.web, servers: all.gateways.web.servers.filter(({ port }) => port.number === 443) },
    };
    await stack.publish('secure', 'configuration', {
      ...all,
      gateways,
      certificates: { cert: await authority.issue('secure.test') },
    });
    expect((await https({ port: stack.httpsPort, host: 'secure.test', ca: authority.pem })).status).toBe(200);
    expect((await ask('secure.test')).status).toBe(404);
  });
});

/** One revision that brings a new upstream, sends the host there, and drops the one before. */
function moveTo(host: string, to: string, from: string, change: number) {
  const spec = { hosts: [host], gateways: ['web'], http: [{ route: [{ destination: { upstream: to } }] }] };
  return {
    message: `move to ${to}`,
    puts: [
      { kind: 'upstream', name: to, spec: upstream(to === 'green' ? two : one) },
      { kind: 'route', name: 'app', spec },
    ],
    deletes: change === 0 ? [] : [{ kind: 'upstream', name: from }],
  };
}

function get(agent: HttpAgent, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: stack.httpPort, agent, headers: { host } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(200) : reject(new Error(`${response.statusCode} ${text}`)),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

function fingerprint(servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { host: '127.0.0.1', port: stack.httpsPort, servername, ca: authority.pem },
      () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.end();
      },
    );
    socket.on('error', reject);
  });
}
