/**
 * Names that resolve to an address inside the operator's network, on a real Envoy. The server listens at every address
 * of this machine, so it would get each request that is sent.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Feed } from '../dataplane/feed.ts';
import { NameServer } from '../e2e/dns.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

const ALLOWED = '127.8.0.1';
/** What a fleet denies by default, except one network of loopback, in which the server may be reached. */
const DENIED = [
  ...['127.0.0.0/16', '127.9.0.0/16', '::1/128', '169.254.0.0/16', 'fe80::/10', '0.0.0.0/8', '::/128'],
  ...['10.0.0.0/8', 'fd00::/8'],
];
/** What the names resolve to, at once or after they were served. Linux connects to most of these on this machine. */
const ANSWERS: Record<string, string[]> = {
  loopback: ['127.0.0.1'],
  network: ['127.9.255.254'],
  unspecified: ['0.0.0.0'],
  metadata: ['169.254.169.254'],
  private: ['10.0.0.1'],
  six: ['::1'],
  'six-unspecified': ['::'],
  local: ['fe80::1'],
  unique: ['fd00:ec2::254'],
  mapped: ['::ffff:127.0.0.1'],
  'mapped-unspecified': ['::ffff:0.0.0.0'],
  compatible: ['::127.0.0.1'],
  translated: ['::ffff:0:127.0.0.1'],
  nat64: ['64:ff9b::127.0.0.1'],
  '6to4': ['2002:7f00:1::'],
  many: ['127.0.0.1', '::1', '::ffff:127.0.0.1', '0.0.0.0'],
};
const kinds = ['strict', 'logical'] as const;

let feed: Feed;
let envoy: RunningEnvoy;
let names: NameServer;
let app: Server;
let requests = 0;
let port: number;

const nameOf = (name: string, kind: string) => `${name}.${kind}.test`;
const get = async (name: string, kind: string) =>
  (await ask({ port, path: '/', headers: { host: nameOf(name, kind) } })).status;

beforeAll(async () => {
  app = createServer((_, response) => {
    requests++;
    response.end();
  });
  await new Promise<void>((resolve) => app.listen(0, '::', resolve));
  const at = (app.address() as AddressInfo).port;
  port = await freePort();
  names = await NameServer.start();
  const ports = [{ number: 80, bind: port, protocol: 'HTTP' as const }];
  const fleet = { name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports };
  feed = await Feed.start({ ...fleet, denyDestinations: DENIED }, {}, { nameServers: `127.0.0.1:${names.port}` });
  envoy = await runBeside(feed.folder, 'edge', { adapt: (config) => names.resolving(config) });
  const all = [...Object.keys(ANSWERS), ...Object.keys(ANSWERS).map((name) => `re-${name}`)].flatMap((name) =>
    kinds.map((kind) => ({ name: `${name}-${kind}`, kind, host: nameOf(name, kind) })),
  );
  for (const [name, answers] of Object.entries(ANSWERS))
    for (const kind of kinds) {
      names.set(nameOf(name, kind), ...answers);
      names.set(nameOf(`re-${name}`, kind), ALLOWED);
    }
  const seq = feed.tell('acme', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.strict.test', '*.logical.test'] }],
      },
    },
    upstreams: Object.fromEntries(
      all.map(({ name, kind, host }) => [name, { port: at, dns: kind, endpoints: [{ address: host }] }]),
    ),
    routes: Object.fromEntries(
      all.map(({ name, host }) => [
        name,
        { hosts: [host], gateways: ['web'], http: [{ route: [{ destination: { upstream: name } }] }] },
      ]),
    ),
  });
  await until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  await names?.stop();
  app.close();
});

it('get no request, whatever form the address has', async () => {
  const answers: Record<string, number[]> = {};
  for (const name of Object.keys(ANSWERS)) {
    answers[name] = [];
    for (const kind of kinds) answers[name].push(await get(name, kind));
  }
  for (const [name, statuses] of Object.entries(answers))
    for (const status of statuses) expect([403, 503], `${name}: ${statuses}`).toContain(status);
  expect(requests).toBe(0);
});

it('get no request once they resolve to it, after another address was checked and served', async () => {
  const rebound = Object.keys(ANSWERS).map((name) => `re-${name}`);
  const each = (run: (name: string, kind: string) => Promise<unknown>) =>
    Promise.all(rebound.flatMap((name) => kinds.map((kind) => run(name, kind))));
  await each((name, kind) => until(`${name} ${kind}`, async () => (await get(name, kind)) === 200));
  for (const [name, answers] of Object.entries(ANSWERS))
    for (const kind of kinds) names.set(nameOf(`re-${name}`, kind), ...answers);
  await each((name, kind) => until(`${name} ${kind} to end`, async () => (await get(name, kind)) !== 200));
  const before = requests;
  await each(async (name, kind) => expect([403, 503]).toContain(await get(name, kind)));
  expect(requests).toBe(before);
});
