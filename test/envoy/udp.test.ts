/** Ports whose datagrams are forwarded as they are, on a real Envoy. */
import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Feed } from '../dataplane/feed.ts';
import { NameServer } from '../e2e/dns.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

let feed: Feed;
let envoy: RunningEnvoy;
let names: NameServer;
let bind: number;
const sockets: Socket[] = [];
const upstreams: Record<string, { port: number; endpoints: { address: string }[]; circuitBreaker?: object }> = {};

/** Starts a server that answers each datagram with its name and the datagram. @returns its port */
const greeter = (name: string, at = 0, ip = '127.0.0.1') =>
  new Promise<number>((resolve) => {
    const socket = createSocket('udp4', (data, { port, address }) => socket.send(`${name} ${data}`, port, address));
    sockets.push(socket);
    socket.bind(at, ip, () => resolve(socket.address().port));
  });

/** Sends a datagram from a new socket. @returns the answer; undefined when none comes within the patience, in ms */
const talk = (localAddress = '127.0.0.1', patience = 500) =>
  new Promise<string | undefined>((resolve) => {
    const socket = createSocket('udp4');
    const done = (answer?: string) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(done, patience);
    socket.on('message', (data) => done(String(data)));
    socket.bind(0, localAddress, () => socket.send('ping', bind, '127.0.0.1'));
  });

/** @returns the answer; undefined when the machine would have to be very busy for it to come later */
const answer = (localAddress?: string) => talk(localAddress, 10_000);

beforeAll(async () => {
  bind = await freePort();
  for (const name of ['one', 'two'])
    upstreams[name] = { port: await greeter(name), endpoints: [{ address: '127.0.0.1' }] };
  upstreams.bounded = { ...upstreams.one!, circuitBreaker: { maxConnections: 1 } };
  upstreams.denied = { port: upstreams.one!.port, endpoints: [{ address: '127.0.0.9' }] };
  const ports = [{ number: 53, bind, protocol: 'UDP' as const }];
  const denyDestinations = ['127.0.0.9'];
  upstreams.named = { port: upstreams.one!.port, endpoints: [{ address: 'resolver.test' }] };
  await greeter('denied', upstreams.one!.port, '127.0.0.9');
  names = await NameServer.start();
  const fleet = { name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports, denyDestinations };
  feed = await Feed.start(fleet, {}, { nameServers: `127.0.0.1:${names.port}` });
  envoy = await runBeside(feed.folder, 'edge');
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  for (const socket of sockets) socket.close();
  await names?.stop();
});

type Udp = NonNullable<NonNullable<Parameters<Feed['tell']>[1]['routes']>[string]['udp']>;
const tell = async (udp: Udp) => {
  const seq = feed.tell('acme', {
    gateways: {
      door: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 53, name: 'dns', protocol: 'UDP' }, hosts: ['*'] }],
      },
    },
    routes: { way: { gateways: ['door'], udp } },
    upstreams,
  });
  await until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
};
const to = (upstream: string) => [{ destination: { upstream } }];

it('forwards datagrams, and answers go back to their client', async () => {
  await tell([{ route: to('one') }]);
  expect(await answer()).toBe('one ping');
});

it('ends sessions after their idle timeout, which makes room for others', async () => {
  await tell([{ route: to('bounded') }]);
  await until('the only session', async () => (await talk()) === 'one ping');
  expect(await talk()).toBe(undefined);
  await tell([{ route: to('bounded'), idleTimeout: '100ms' }]);
  // Without the idle timeout of the rule, a session ends after a minute.
  for (let n = 0; n < 4; n++) await until('room', async () => (await talk()) === 'one ping', 20_000);
});

it('changes the upstream of new clients', async () => {
  await tell([{ route: to('two') }]);
  await until('the change', async () => (await talk()) === 'two ping');
});

it('uses the first rule that matches the address of the client, however the ranges nest', async () => {
  await tell([
    { match: [{ port: 54 }], route: to('one') },
    { match: [{ source: ['127.0.0.0/30'] }], route: to('one') },
    { match: [{ source: ['127.0.0.2'] }], route: to('two') },
    { match: [{ source: ['127.0.0.0/16'] }], route: to('two') },
  ]);
  await until('the change', async () => (await talk('127.0.0.1')) === 'one ping');
  expect(await answer('127.0.0.2')).toBe('one ping');
  expect(await answer('127.0.1.2')).toBe('two ping');
  expect(await talk('127.1.0.1')).toBe(undefined);
});

it('never sends a datagram to a denied address', async () => {
  await tell([{ route: to('denied') }]);
  await until('no answer', async () => (await talk()) === undefined);
});

it('sends datagrams to the addresses of a DNS name, and never to a denied one', async () => {
  names.set('resolver.test', '127.0.0.9', '127.0.0.1');
  await tell([{ route: to('named') }]);
  await until('the change', async () => (await talk()) === 'one ping');
  for (let n = 0; n < 10; n++) expect(await answer()).toBe('one ping');
  names.set('resolver.test', '127.0.0.9');
  await until('the last address to be gone', async () => (await talk()) === undefined);
});

it('drops datagrams after the tenant is gone', async () => {
  await tell([{ route: to('one') }]);
  await until('an answer', async () => (await talk()) === 'one ping');
  feed.tell('acme', {});
  await until('the port to close', async () => (await talk()) === undefined);
});
