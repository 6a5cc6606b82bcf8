import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { types } from '../../dataplane/serve/types/index.ts';
import type { TypeUrl, XdsResource } from '../../dataplane/xds/resource.ts';
import { startXdsServer } from '../../dataplane/xds/server.ts';
import type { Session, Stream } from '../../dataplane/xds/stream.ts';
import { DeltaClient, SotwClient } from './client.ts';
import { TYPES } from './types.ts';

const log = pino({ level: 'silent' });
const body = (text: string) => Buffer.from([0x0a, text.length, ...Buffer.from(text)]); // an Any whose type URL is the text
const resource = (name: string, version = '1'): XdsResource => ({ name, version, body: body(`${name}@${version}`) });
const nodes = <T extends { typeUrl: string }>(resources: T[]) => resources.map(({ typeUrl }) => typeUrl);

interface Connected {
  stream: Stream;
  events: unknown[][];
}

let folder: string;
let server: { address: string; close(): Promise<void> };
let connected: Connected[];
let react: (stream: Stream, type: TypeUrl, names: readonly string[], wildcard: boolean) => void;
const clients: { close(): void }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xds-'));
  connected = [];
  react = () => {};
  server = await startXdsServer({ types, address: `unix:${join(folder, 'xds.sock')}`, accept, log });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function accept(stream: Stream): Session {
  const events: unknown[][] = [];
  connected.push({ stream, events });
  return {
    onSubscribe(type, names, wildcard, have) {
      events.push(['subscribe', type, names, wildcard, Object.fromEntries(have)]);
      react(stream, type, names, wildcard);
    },
    onUnsubscribe: (type, names) => void events.push(['unsubscribe', type, names]),
    onAck: (type, nonce) => void events.push(['ack', type, nonce]),
    onNack: (type, nonce, message) => void events.push(['nack', type, nonce, message]),
    onClose: () => void events.push(['close']),
  };
}

function delta(): DeltaClient {
  const client = new DeltaClient(server.address);
  clients.push(client);
  return client;
}

function sotw(): SotwClient {
  const client = new SotwClient(server.address);
  clients.push(client);
  return client;
}

describe('delta', () => {
  it('sends the resource of a name around the shared body, and receives the ACK', async () => {
    react = (stream, type, names) => void stream.send(type, names.map((name) => resource(name)), []); // biome-ignore format: one step
    const client = delta();
    client.ask(TYPES.routes, { subscribe: ['a'] });
    const response = await client.next();
    expect(response).toMatchObject({
      typeUrl: TYPES.routes,
      resources: [{ name: 'a', version: '1', resource: { typeUrl: 'a@1' } }],
      removedResources: [],
    });
    client.ask(TYPES.routes, { nonce: response.nonce });
    await vi.waitFor(() => expect(connected[0]!.events.at(-1)).toEqual(['ack', TYPES.routes, response.nonce]), 10_000);
  });

  it('passes the node of the first request to the session, once', async () => {
    delta().ask(TYPES.cluster);
    await vi.waitFor(() => expect(connected).toHaveLength(1), 10_000);
    expect(connected[0]!.stream.node).toEqual({
      id: 'node-1',
      cluster: 'fleet-1',
      metadata: { gatehouse: { probe: '/tmp/probe' } },
      userAgent: 'envoy/1.40.0',
    });
  });

  it('passes the versions that a reconnecting client holds to the session', async () => {
    delta().ask(TYPES.scope, { have: { 's/a': '1' } });
    await vi.waitFor(
      () => expect(connected[0]?.events).toEqual([['subscribe', TYPES.scope, [], true, { 's/a': '1' }]]),
      10_000,
    );
  });

  it('responds that names do not exist, and that no resource exists', async () => {
    react = (stream, type, names) => void stream.send(type, [], names);
    const client = delta();
    client.ask(TYPES.secret, { subscribe: ['nobody'] });
    expect((await client.next()).removedResources).toEqual(['nobody']);
    client.ask(TYPES.listener);
    expect(await client.next()).toMatchObject({ typeUrl: TYPES.listener, resources: [], removedResources: [] });
  });

  it("passes Envoy's message to the session with a NACK, and keeps the stream", async () => {
    react = (stream, type, names) => void stream.send(type, names.map((name) => resource(name)), []); // biome-ignore format: one step
    const client = delta();
    client.ask(TYPES.cluster, { subscribe: ['a'] });
    const { nonce } = await client.next();
    client.ask(TYPES.cluster, { nonce, error: 'bad cluster' });
    client.ask(TYPES.cluster, { subscribe: ['b'] });
    expect((await client.next()).resources[0]!.name).toBe('b');
    expect(connected[0]!.events).toContainEqual(['nack', TYPES.cluster, nonce, 'bad cluster']);
  });

  it('distinguishes the types', async () => {
    const client = delta();
    client.ask(TYPES.cluster);
    client.ask(TYPES.routes, { subscribe: ['a'] });
    await vi.waitFor(() => expect(connected[0]?.events).toHaveLength(2), 10_000);
    const { stream } = connected[0]!;
    expect([stream.wildcard(TYPES.cluster), stream.wildcard(TYPES.routes)]).toEqual([true, false]);
    expect([
      stream.subscribed(TYPES.cluster, 'a'),
      stream.subscribed(TYPES.routes, 'a'),
      stream.subscribed(TYPES.secret, 'a'),
    ]).toEqual([true, true, false]);
    expect([...stream.names(TYPES.routes)]).toEqual(['a']);
  });

  it('sends an empty response for a type that it does not serve, so that the client does not wait', async () => {
    const client = delta();
    client.ask('type.googleapis.com/unheard.of', { subscribe: ['a'] });
    const response = await client.next();
    expect(response).toMatchObject({
      typeUrl: 'type.googleapis.com/unheard.of',
      resources: [],
      removedResources: ['a'],
    });
    client.ask('type.googleapis.com/unheard.of', { nonce: response.nonce });
    client.ask(TYPES.cluster);
    await vi.waitFor(() => expect(connected[0]!.events).toHaveLength(1), 10_000);
  });

  it('encodes names and versions of any length and script', async () => {
    const long = { name: `s/443|${'ä'.repeat(5000)}`, version: 'v'.repeat(300), body: body('x') };
    react = (stream, type) => void stream.send(type, [long, resource('b')], []);
    const client = delta();
    client.ask(TYPES.scope);
    expect((await client.next()).resources.map(({ name, version }) => [name, version])).toEqual([
      [long.name, long.version],
      ['b', '1'],
    ]);
  });
});

describe('SotW', () => {
  it('sends all listeners again when one changes, without removed ones', async () => {
    const client = sotw();
    client.ask(TYPES.listener);
    await vi.waitFor(() => expect(connected[0]?.events).toHaveLength(1), 10_000);
    const { stream } = connected[0]!;
    stream.send(TYPES.listener, [resource('a'), resource('b')], []);
    stream.send(TYPES.listener, [resource('b', '2')], []);
    stream.send(TYPES.listener, [], ['a']);
    expect(nodes((await client.next()).resources)).toEqual(['a@1', 'b@1']);
    expect(nodes((await client.next()).resources)).toEqual(['a@1', 'b@2']);
    expect(nodes((await client.next()).resources)).toEqual(['b@2']);
  });

  it('sends only the changed route configuration, with a new version each time', async () => {
    react = (stream, type, names) => void stream.send(type, names.map((name) => resource(name)), []); // biome-ignore format: one step
    const client = sotw();
    client.ask(TYPES.routes, { names: ['a'] });
    const first = await client.next();
    client.ask(TYPES.routes, { names: ['a', 'b'], nonce: first.nonce, version: first.versionInfo });
    const second = await client.next();
    expect([nodes(first.resources), nodes(second.resources)]).toEqual([['a@1'], ['b@1']]);
    expect(second.versionInfo).not.toBe(first.versionInfo);
    expect(connected[0]!.events).toContainEqual(['ack', TYPES.routes, first.nonce]);
  });

  it('leaves out resources from which the client unsubscribed', async () => {
    const client = sotw();
    client.ask(TYPES.cluster, { names: ['a', 'b'] });
    await vi.waitFor(() => expect(connected[0]?.events).toHaveLength(1), 10_000);
    connected[0]!.stream.send(TYPES.cluster, [resource('a'), resource('b')], []);
    const { nonce } = await client.next();
    client.ask(TYPES.cluster, { names: ['b'], nonce });
    await vi.waitFor(() => expect(connected[0]!.events).toContainEqual(['unsubscribe', TYPES.cluster, ['a']]), 10_000);
    connected[0]!.stream.send(TYPES.cluster, [resource('b', '2')], []);
    expect(nodes((await client.next()).resources)).toEqual(['b@2']);
  });
});

describe('streams', () => {
  it('send each of 150 clients the resources that it requested', async () => {
    const all = Array.from({ length: 150 }, () => delta());
    for (const [index, client] of all.entries()) client.ask(TYPES.routes, { subscribe: [`own-${index}`, 'shared'] });
    await vi.waitFor(() => expect(connected.flatMap(({ events }) => events)).toHaveLength(150), 10_000);
    const shared = resource('shared');
    for (const { stream } of connected) {
      for (const name of stream.names(TYPES.routes))
        stream.send(TYPES.routes, [name === 'shared' ? shared : resource(name)], []);
    }
    for (const [index, client] of all.entries()) {
      const names = [await client.next(), await client.next()].flatMap(({ resources }) =>
        resources.map(({ name }) => name),
      );
      expect(names).toEqual([`own-${index}`, 'shared']);
    }
  });

  it('are independent: a malformed request ends only its own stream', async () => {
    const healthy = delta();
    healthy.ask(TYPES.cluster);
    await vi.waitFor(() => expect(connected).toHaveLength(1), 10_000);
    const broken = delta();
    broken.ask(TYPES.cluster);
    await vi.waitFor(() => expect(connected).toHaveLength(2), 10_000);
    broken.sendRaw(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x01]));
    await broken.until(() => broken.ended !== undefined);
    await vi.waitFor(() => expect(connected[1]!.events.at(-1)).toEqual(['close']), 10_000);
    connected[0]!.stream.send(TYPES.cluster, [resource('a')], []);
    expect((await healthy.next()).resources).toHaveLength(1);
  });

  it('survive a session that throws: only its stream ends, with an error', async () => {
    react = () => {
      throw new Error('secret detail');
    };
    const client = delta();
    client.ask(TYPES.cluster);
    await client.until(() => client.ended !== undefined);
    expect(client.ended).toEqual({ code: status.INTERNAL, details: 'the request could not be handled' });
    expect(connected[0]!.events.at(-1)).toEqual(['close']);
  });

  it.each([
    ['without a node', []],
    ['of a node that the API would not accept: a report contains all nodes', [0x0a, 4, 0x0a, 2, 0x61, 0x1b]],
  ])('are rejected %s', async (_, node) => {
    const client = delta();
    client.sendRaw(Buffer.from([...node, 0x12, 1, 0x78])); // The last three bytes are the type.
    await client.until(() => client.ended !== undefined);
    expect(client.ended!.code).toBe(status.INVALID_ARGUMENT);
    expect(connected).toHaveLength(0);
  });

  it.each([
    ['cancels', (client: DeltaClient) => client.close()],
    ['ends', (client: DeltaClient) => client.call.end()],
  ])('close once when the client %s', async (_how, leave) => {
    const client = delta();
    client.ask(TYPES.cluster);
    await vi.waitFor(() => expect(connected).toHaveLength(1), 10_000);
    leave(client);
    await vi.waitFor(() => expect(connected[0]!.events.at(-1)).toEqual(['close']), 10_000);
    expect(connected[0]!.events.filter(([event]) => event === 'close')).toHaveLength(1);
    expect(() => connected[0]!.stream.send(TYPES.cluster, [resource('a')], [])).not.toThrow();
  });

  it('close when the session closes them', async () => {
    const client = delta();
    client.ask(TYPES.cluster);
    await vi.waitFor(() => expect(connected).toHaveLength(1), 10_000);
    connected[0]!.stream.close();
    await client.until(() => client.ended !== undefined);
    expect(client.ended!.code).toBe(status.OK);
    await vi.waitFor(() => expect(connected[0]!.events.at(-1)).toEqual(['close']), 10_000);
  });

  it('count the bytes that a client has not read, and call back once it has read them', async () => {
    const client = delta();
    client.ask(TYPES.scope);
    await vi.waitFor(() => expect(connected).toHaveLength(1), 10_000);
    client.call.pause();
    const { stream } = connected[0]!;
    const big = { name: 'big', version: '1', body: Buffer.alloc(1 << 20) };
    for (let i = 0; i < 64; i++) stream.send(TYPES.scope, [big], []);
    const sent = stream.backlog;
    expect(sent).toBeGreaterThan(64 << 20);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // The kernel and the client's flow control window hold some; the rest is still the server's to account for.
    expect(stream.backlog).toBeGreaterThan(32 << 20);

    let drained = false;
    stream.onDrain(() => (drained = true));
    expect(drained).toBe(false);
    client.call.resume();
    await client.until(() => client.received.length === 64);
    await vi.waitFor(() => expect([drained, stream.backlog]).toEqual([true, 0]), 10_000);
  });

  it('refer to shared bodies: a thousand responses to a client that hangs need no memory for each body', async () => {
    const client = delta();
    client.ask(TYPES.scope);
    await vi.waitFor(() => expect(connected).toHaveLength(1), 10_000);
    client.call.pause();
    const big = { name: 'big', version: '1', body: Buffer.alloc(1 << 20) };
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) connected[0]!.stream.send(TYPES.scope, [big], []);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(connected[0]!.stream.backlog).toBeGreaterThan(900 << 20);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 << 20);
  });
});

describe('a resource that cannot be encoded', () => {
  it.each([
    {
      protocol: 'delta',
      ask: (type: TypeUrl) => {
        const client = delta();
        client.ask(type);
        return async () => (await client.next()).resources.map(({ resource: any }) => any!.typeUrl);
      },
    },
    {
      protocol: 'sotw',
      ask: (type: TypeUrl) => {
        const client = sotw();
        client.ask(type);
        return async () => nodes((await client.next()).resources);
      },
    },
  ])('is the sender’s error, and the $protocol stream goes on without it', async ({ ask }) => {
    const next = ask(TYPES.cluster);
    await vi.waitFor(() => expect(connected).toHaveLength(1), 10_000);
    const { stream } = connected[0]!;
    const spoilt = { ...resource('bad'), body: {} as Buffer };
    expect(() => stream.send(TYPES.cluster, [resource('a'), spoilt], [])).toThrow('neither text nor bytes');
    stream.send(TYPES.cluster, [resource('b')], []);
    expect(await next()).toEqual(['b@1']);
  });
});

describe('listening', () => {
  it('creates a socket that no other user can open', () => {
    expect(statSync(join(folder, 'xds.sock')).mode & 0o777).toBe(0o600);
  });

  it('binds a TCP port and returns its number', async () => {
    const other = await startXdsServer({ types, address: '127.0.0.1:0', accept, log });
    expect(other.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    await other.close();
  });

  it('replaces the socket file of a process that ended, but not of a running one', async () => {
    await expect(startXdsServer({ types, address: server.address, accept, log })).rejects.toThrow('another process');
    const path = join(folder, 'left.sock');
    const listening = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('listening'))`;
    const killed = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(path)).toBe(true);
    const again = await startXdsServer({ types, address: `unix:${path}`, accept, log });
    await again.close();
  });
});
