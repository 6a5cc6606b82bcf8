/** A tenant's filter chain that Envoy rejects is left out. The listener and the other chains are served. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { OwnedChain } from '../../dataplane/compile/index.ts';
import { FilterChain } from '../../dataplane/envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { edge } from '../../dataplane/serve/views/edge.ts';
import { Feed } from '../dataplane/feed.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

let feed: Feed;
let envoy: RunningEnvoy;
let port: number;
beforeAll(async () => {
  port = await freePort();
  const ports = [{ number: 80, bind: port, protocol: 'HTTP' as const }];
  feed = await Feed.start({ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports });
  envoy = await runBeside(feed.folder, 'edge');
  for (const tenant of ['good', 'bad']) await live(change(tenant));
});
afterEach(async () => {
  vi.restoreAllMocks();
  offer();
  await until('nothing to be rejected', () => rejected().length === 0);
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
});

let serial = 0;
/** Changes the tenant's answer, which is its host's name and a number. */
function change(tenant: string): number {
  const host = `${tenant}.test`;
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts: [host] };
  const body = `${tenant} ${++serial}`;
  return feed.tell(tenant, {
    gateways: { web: { selector: { ingress: 'public' }, servers: [server] } },
    routes: { app: { hosts: [host], gateways: ['web'], http: [{ directResponse: { status: 200, body } }] } },
  });
}

const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
const rejected = () => feed.nodes[0]!.rejections.filter(({ over }) => !over);
const owners = () => [...new Set(rejected().map(({ tenant }) => tenant))].sort();
const chains = async (): Promise<string[]> => {
  const dump = JSON.parse((await envoy.admin('/config_dump?resource=dynamic_listeners')).body);
  const state = dump.configs.find(({ name }: { name: string }) => name === 'http-80').active_state;
  return state.listener.filter_chains.map(({ name }: { name: string }) => name);
};

/** A filter chain for connections from an address that no client has. */
const chain = (owner: string, name: string, addressPrefix: string): OwnedChain => ({
  owner,
  chain: FilterChain.fromPartial({
    name,
    filterChainMatch: { sourcePrefixRanges: [{ addressPrefix, prefixLen: 32 }] },
  }),
});

let moved = 0;
/** Adds these filter chains to the listener, and makes the agent send it. */
function offer(...more: OwnedChain[]): void {
  vi.restoreAllMocks();
  const original = edge.listeners;
  vi.spyOn(edge, 'listeners').mockImplementation((client) => {
    const listeners = original(client);
    const http = listeners?.get('http-80');
    // A chain that matches everything comes after the chains that match by address.
    const offered =
      http &&
      more.map(({ owner, chain: each }) => ({ owner, chain: { ...each, filters: http.chains[0]!.chain.filters } }));
    return (
      listeners && http && new Map([...listeners, ['http-80', { ...http, chains: [...http.chains, ...offered!] }]])
    );
  });
  feed.describe({ labels: { ingress: 'public', moved: String(++moved) } });
}

it.each([
  ['that Envoy’s message names', chain('bad', 'bad-chain', '198.51.100.1')],
  ['that Envoy’s message does not name', chain('bad', 'bad-chain', 'no address')],
])('a bad chain %s is left out of the listener, and its tenant sees the rejection', async (_, bad) => {
  offer(chain('good', 'good-chain', '198.51.100.1'), bad, chain('good', 'other-chain', '198.51.100.2'));
  await until('the rejection', () => rejected().length > 0);
  expect(owners()).toEqual(['bad']);
  expect(feed.nodes[0]!.listenerRejections).toEqual([]);
  await until('the chains of others', async () => (await chains()).length === 3);
  expect(await chains()).toEqual(['default', 'good-chain', 'other-chain']);
  await live(change('good'));
  expect((await ask({ port, headers: { host: 'good.test' } })).body).toMatch(/^good /);

  // Once it is repaired, it is served.
  offer(chain('good', 'good-chain', '198.51.100.1'), chain('bad', 'bad-chain', '198.51.100.3'));
  await until('the repaired chain', async () => (await chains()).includes('bad-chain'));
  await until('nothing to be rejected', () => rejected().length === 0);
});

it('several bad chains of two tenants are left out, and the good chains stay', async () => {
  offer(
    chain('bad', 'bad-1', 'no address'),
    chain('good', 'good-chain', '198.51.100.4'),
    chain('good', 'good-bad', 'nor this'),
    chain('bad', 'bad-fine', '198.51.100.5'),
  );
  await until('both rejections', () => owners().length === 2);
  await until('the chains of others', async () => (await chains()).length === 3);
  expect(await chains()).toEqual(['default', 'good-chain', 'bad-fine']);
});
