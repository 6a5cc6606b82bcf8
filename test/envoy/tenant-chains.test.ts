/** A protocol whose filter chains belong to tenants, on a real Envoy. A protocol that only tests have replaces HTTP. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Feed } from '../dataplane/feed.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import { startEcho } from './compiled-edge.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

type Protocols = typeof import('../../dataplane/compile/listeners/protocols.ts');

vi.mock('../../dataplane/compile/listeners/protocols.ts', async (original) => {
  const { byProtocol } = await original<Protocols>();
  const { http } = await import('../../dataplane/compile/listeners/http.ts');
  const HTTP: Protocols['byProtocol']['HTTP'] = {
    listener: (at, address) => ({ ...http.listener(at, address), chains: [] }),
    chain(configuration, tenant, { port: number, protocol, host }) {
      if (host === 'broken.test') throw new Error('its chain is broken');
      const [{ chain: message } = { chain: undefined! }] = http.listener({ number, protocol, bind: 1 }, '').chains;
      const clusters = configuration.names('upstream').map((name) => `${tenant}/${name}`);
      return { message, needs: { clusters, secrets: [] } };
    },
  };
  return { byProtocol: { ...byProtocol, HTTP } };
});

let feed: Feed;
let envoy: RunningEnvoy;
let port: number;
let echo: Awaited<ReturnType<typeof startEcho>>;

beforeAll(async () => {
  port = await freePort();
  echo = await startEcho();
  const ports = [{ number: 80, bind: port, protocol: 'HTTP' as const }];
  feed = await Feed.start({ name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports });
  envoy = await runBeside(feed.folder, 'edge');
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  echo?.server.close();
});

/** The tenant's one host sends requests to this upstream. */
const tell = (tenant: string, upstream: string): number => {
  const host = `${tenant}.test`;
  const server = { port: { number: 80, name: 'http', protocol: 'HTTP' as const }, hosts: [host] };
  return feed.tell(tenant, {
    gateways: { web: { selector: { ingress: 'public' }, servers: [server] } },
    routes: { app: { hosts: [host], gateways: ['web'], http: [{ route: [{ destination: { upstream } }] }] } },
    upstreams: { [upstream]: { port: echo.port, endpoints: [{ address: '127.0.0.1' }] } },
  });
};
const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);
const isClosed = () =>
  ask({ port, headers: { host: 'good.test' } }).then(
    () => false,
    () => true,
  );
const clusters = async (): Promise<string[]> => {
  const dump = JSON.parse((await envoy.admin('/config_dump?resource=dynamic_active_clusters')).body);
  return (dump.configs ?? []).map(({ cluster }: { cluster: { name: string } }) => cluster.name).sort();
};

it('a port is closed while no tenant has a chain there, and a chain that cannot be built is reported', async () => {
  await live(tell('broken', 'app'));
  expect(await isClosed()).toBe(true);
  await until('the rejection', () => feed.nodes[0]!.rejections.some(({ over }) => !over));
  expect(feed.nodes[0]!.rejections).toMatchObject([
    { tenant: 'broken', message: 'it could not be built: its chain is broken' },
  ]);
});

it('the chain of another tenant opens the port, and Envoy has the clusters of the chain before the first request', async () => {
  await live(tell('good', 'one'));
  expect(await clusters()).toEqual(['good/one']);
  expect((await ask({ port, headers: { host: 'good.test' } })).status).toBe(200);
});

it('a change of the chain changes its clusters', async () => {
  await live(tell('good', 'two'));
  await until('the old cluster to be gone', async () => !(await clusters()).includes('good/one'));
  expect(await clusters()).toEqual(['good/two']);
  expect((await ask({ port, headers: { host: 'good.test' } })).status).toBe(200);
});

it('the removal of a chain ends its rejection', async () => {
  await live(feed.tell('broken', {}));
  await until('nothing to be rejected', () => feed.nodes[0]!.rejections.every(({ over }) => over));
});

it('the removal of the last chain closes the port and removes its clusters', async () => {
  await live(feed.tell('good', {}));
  await until('the port to be closed', isClosed);
  await until('no cluster', async () => (await clusters()).length === 0);
});
