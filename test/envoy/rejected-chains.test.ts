/** When Envoy rejects a filter chain of any kind, only its tenant is affected. A filter that Envoy lacks breaks it. */
import { connect, createServer, type Server } from 'node:net';
import { connect as handshake } from 'node:tls';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Filter, type FilterChain } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { Feed } from '../dataplane/feed.ts';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

type Protocols = typeof import('../../dataplane/compile/listeners/protocols.ts');
const broken = vi.hoisted(() => ({ value: true }));

vi.mock('../../dataplane/compile/listeners/protocols.ts', async (original) => {
  const { byProtocol } = await original<Protocols>();
  const lacking = (tenant: string, chains: { message: FilterChain; needs: never }[]) =>
    tenant === 'bad' && broken.value
      ? chains.map((each) => ({
          ...each,
          message: {
            ...each.message,
            filters: [
              Filter.fromPartial({
                name: 'no-such-filter',
                configType: { $case: 'typedConfig', value: { typeUrl: 'type.googleapis.com/no.such.Filter' } },
              }),
              ...each.message.filters,
            ],
          },
        }))
      : chains;
  return {
    byProtocol: Object.fromEntries(
      Object.entries(byProtocol).map(([protocol, { part, portChains, ...kind }]) => [
        protocol,
        {
          ...kind,
          ...(portChains && {
            portChains: (...input: Parameters<typeof portChains>) => lacking(input[1], portChains(...input) as never),
          }),
          ...(part && {
            part: (...input: Parameters<typeof part>) => {
              const { chains, ...rest } = part(...input);
              return { ...rest, chains: lacking(input[2], [...chains] as never) };
            },
          }),
        },
      ]),
    ),
  };
});

const authority = await Authority.create();
const pair = await authority.issue('good.test', 'bad.test');
let feed: Feed;
let envoy: RunningEnvoy;
let echo: Server;
const bind = { tcp: 0, other: 0, udp: 0, tls: 0, https: 0 };

beforeAll(async () => {
  for (const name of Object.keys(bind) as (keyof typeof bind)[]) bind[name] = await freePort();
  echo = createServer((socket) => socket.on('error', () => {}).end('hello'));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  feed = await Feed.start({
    ...{ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1' },
    ports: [
      { number: 5432, bind: bind.tcp, protocol: 'TCP' },
      { number: 6000, bind: bind.other, protocol: 'TCP' },
      { number: 53, bind: bind.udp, protocol: 'UDP' },
      { number: 8883, bind: bind.tls, protocol: 'TLS' },
      { number: 443, bind: bind.https, protocol: 'HTTPS' },
    ],
  });
  envoy = await runBeside(feed.folder, 'edge');
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  echo?.close();
});

type Document = Parameters<Feed['tell']>[1];
type Server_ = NonNullable<Document['gateways']>[string]['servers'][number];
const simple = { mode: 'SIMPLE' as const, credentialName: 'own' };
/** The servers of a tenant by what they do. */
const servers = (tenant: string): Record<string, Server_> => {
  const hosts = [`${tenant}.test`];
  const at = (number: number, protocol: Server_['port']['protocol']) => ({
    port: { number, name: `p${number}`, protocol },
    hosts,
  });
  return {
    tcp: at(5432, 'TCP'),
    other: at(6000, 'TCP'),
    udp: at(53, 'UDP'),
    passed: { ...at(8883, 'TLS'), tls: { mode: 'PASSTHROUGH' } },
    decrypted: { ...at(8883, 'TLS'), tls: simple },
    http3: { ...at(443, 'HTTPS'), tls: simple, http3: true },
    profile: { ...at(443, 'HTTPS'), tls: { ...simple, minProtocolVersion: 'TLSV1_3' } },
  };
};
const tell = (tenant: string, ...kinds: string[]): number => {
  const route = [{ destination: { upstream: 'echo' } }];
  const hosts = [`${tenant}.test`];
  return feed.tell(
    tenant,
    {
      gateways: {
        door: { selector: { ingress: 'public' }, servers: kinds.map((kind) => servers(tenant)[kind]!) },
      },
      routes: {
        way: {
          ...{ hosts, gateways: ['door'], tcp: [{ route }], udp: [{ route }] },
          tls: [{ match: [{ sniHosts: hosts }], route }],
          http: [{ directResponse: { status: 204 } }],
        },
      },
      upstreams: {
        echo: { port: (echo.address() as { port: number }).port, endpoints: [{ address: '127.0.0.1' }] },
      },
      certificates: { own: { certificateChain: pair.certificateChain } },
    },
    { own: pair.privateKey },
  );
};
const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
const rejected = () => feed.nodes[0]!.rejections.filter(({ over }) => !over);
const read = (port: number, isSecure = false) =>
  new Promise<string>((resolve) => {
    const at = { port, host: '127.0.0.1' };
    const socket = isSecure ? handshake({ ...at, servername: 'good.test', ca: authority.pem }) : connect(at);
    let text = '';
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (data) => (text += data));
    socket.on('close', () => resolve(text));
  });
/** The chains and filters of a listener, as text. */
const served = async (listener: string): Promise<string> => {
  const { configs } = JSON.parse((await envoy.admin('/config_dump?resource=dynamic_listeners')).body);
  const found = configs.find(({ name }: { name: string }) => name === listener);
  const { filter_chains, listener_filters } = found?.active_state?.listener ?? {};
  return JSON.stringify({ filter_chains, listener_filters });
};

it.each([
  ['for TCP', 'tcp', 'tcp-5432', 'bad/echo'],
  ['for UDP', 'udp', 'udp-53', 'bad/echo'],
  ['for TLS that is passed through', 'passed', 'tls-8883', 'bad/echo'],
  ['for TLS that is decrypted', 'decrypted', 'tls-8883', 'bad/echo'],
  ['for HTTP/3', 'http3', 'http3-443', 'bad/own'],
  ['of TLS settings', 'profile', 'https-443', 'bad/443'],
])('a rejected chain %s affects its tenant alone', async (_, kind, listener, mark) => {
  broken.value = true;
  await live(tell('good', 'other', 'decrypted', 'http3'));
  tell('bad', kind);
  await until('the rejection', () => rejected().length > 0);
  expect(rejected().map(({ tenant, message }) => [tenant, /no.such/.test(message)])).toEqual([['bad', true]]);
  expect(feed.nodes[0]!.listenerRejections).toEqual([]);
  expect(await served(listener)).not.toContain(mark);

  // What the other tenant has is served, and its changes are too.
  await live(tell('good', 'other', 'decrypted'));
  await live(tell('good', 'other', 'decrypted', 'http3'));
  expect(await read(bind.other)).toBe('hello');
  expect(await read(bind.tls, true)).toBe('hello');
  expect(await served('http3-443')).toContain('good/own');

  broken.value = false;
  await live(tell('bad', kind));
  await until('nothing to be rejected', () => rejected().length === 0);
  await until('the chain', async () => (await served(listener)).includes(mark));
  await live(feed.tell('bad', {}));
});
