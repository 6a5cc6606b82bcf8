/** Cases from the field and traps in other gateways that no other file tests; `field-cases-list.test.ts` lists all. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Rule } from '../../model/route/rule.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';

const CLIENTS = 2000;
/** How long the upstream keeps an idle connection, in milliseconds. */
const IDLE = 1000;

let served: Served;
const echoes: Awaited<ReturnType<typeof startEcho>>[] = [];
/** The methods of the requests that the upstream with short connections received. */
const received: string[] = [];
const open = new Set<Socket>();
const closing = createServer((socket) => {
  open.add(socket);
  socket.on('error', () => {}).on('close', () => open.delete(socket));
  socket.setEncoding('latin1').on('data', (data: string) => {
    received.push(data.slice(0, data.indexOf(' ')));
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    socket.setTimeout(IDLE, () => socket.destroy());
  });
});

const to = (upstream: string, weight?: number, more: object = {}) => ({
  destination: { upstream },
  ...(weight !== undefined && { weight }),
  ...more,
});
const mark = (version: string) => ({ headers: { response: { add: { 'set-cookie': `version=${version}; Path=/` } } } });
const hosts: Record<string, object[]> = {
  'canary.test': [
    { match: [{ cookies: { version: { exact: 'v1' } } }], route: [to('v1')] },
    { match: [{ cookies: { version: { exact: 'v2' } } }], route: [to('v2')] },
    { route: [to('v1', 80, mark('v1')), to('v2', 20, mark('v2'))] },
  ],
  'zero.test': [{ route: [to('v1', 100), to('empty', 0)] }],
  'half.test': [{ route: [to('v1', 50), to('empty', 50)] }],
  'idle.test': [{ route: [to('closing')] }],
  'segments.test': [{ match: [{ uri: { pathPrefix: '/foo' } }], route: [to('v1')] }],
};

beforeAll(async () => {
  for (let n = 0; n < 2; n++) echoes.push(await startEcho());
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  const at = (port: number) => ({ port, endpoints: [{ address: '127.0.0.1' }] });
  const names = Object.keys(hosts);
  served = await serving({
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: names }],
      },
    },
    routes: Object.fromEntries(
      names.map((host) => [
        host.replace('.', '-'),
        { hosts: [host], gateways: ['web'], http: hosts[host]!.map((rule) => Rule.parse(rule)) },
      ]),
    ),
    upstreams: {
      v1: at(echoes[0]!.port),
      v2: at(echoes[1]!.port),
      empty: { port: 80, endpoints: [] },
      closing: at((closing.address() as AddressInfo).port),
    },
  });
});
afterAll(async () => {
  await served?.edge.close();
  for (const { server } of echoes) server.close();
  closing.close();
  for (const socket of open) socket.destroy();
});

const get = (host: string, more: { path?: string; method?: string; headers?: Record<string, string> } = {}) =>
  ask({ port: served.ports.http, ...more, headers: { host, ...more.headers } });

test('canary shares with cookie affinity: new clients are split, and a client with a cookie stays', async () => {
  const counts: Record<string, number> = {};
  let cookie = '';
  for (let n = 0; n < CLIENTS; n++) {
    const { headers } = await get('canary.test');
    cookie = String(headers['set-cookie']);
    counts[cookie] = (counts[cookie] ?? 0) + 1;
  }
  expect(Math.abs(counts['version=v2; Path=/']! / CLIENTS - 0.2)).toBeLessThan(0.04);
  for (const version of ['v1', 'v2'])
    for (let n = 0; n < 50; n++) {
      const { status, headers } = await get('canary.test', { headers: { cookie: `version=${version}` } });
      expect([status, headers['set-cookie']]).toEqual([200, undefined]);
    }
});

test('a canary scaled to zero answers 500: no, all requests get the other version', async () => {
  for (let n = 0; n < 200; n++) expect((await get('zero.test')).status).toBe(200);
  const seen = new Set<number>();
  for (let n = 0; n < 60; n++) seen.add((await get('half.test')).status);
  expect([...seen].sort()).toEqual([200, 503]);
});

test('`prefix: /foo` matching `/foobar`: a prefix of segments does not', async () => {
  expect((await get('segments.test', { path: '/foobar' })).status).toBe(404);
  expect((await get('segments.test', { path: '/foo/bar' })).status).toBe(200);
});

test('an upstream that closes idle connections after 1 s, under one GET per second: no 503, and no POST twice', async () => {
  const second = async (): Promise<void> => {
    expect((await get('idle.test')).status).toBe(200);
    await sleep(IDLE);
  };
  for (let n = 0; n < 4; n++) await Promise.all([second(), second(), second()]);
  expect(received.filter((method) => method === 'GET')).toHaveLength(12);
  for (let n = 0; n < 2; n++) {
    expect((await get('idle.test', { method: 'POST' })).status).toBe(200);
    await sleep(IDLE);
  }
  expect(received.filter((method) => method === 'POST')).toHaveLength(2);
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
