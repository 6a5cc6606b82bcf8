/** Endpoints that arrive beside the revisions, on a real Envoy: they are EDS updates and nothing else. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Feed } from '../dataplane/feed.ts';
import { until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { ask } from './ask.ts';
import type { RunningEnvoy } from './run.ts';
import { runBeside } from './run-beside.ts';

let feed: Feed;
let envoy: RunningEnvoy;
let port: number;
const apps = new Map<string, Server>();
let tenants = 0;
let tenant: string;

beforeAll(async () => {
  port = await freePort();
  for (const name of ['own', 'one', 'two']) {
    const server = createServer((_, response) => response.end(name));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    apps.set(name, server);
  }
  const ports = [{ number: 80, bind: port, protocol: 'HTTP' as const }];
  const fleet = { name: 'edge', labels: { ingress: 'public' }, address: '127.0.0.1', ports };
  feed = await Feed.start({ ...fleet, denyDestinations: ['127.0.0.66/32'] });
  envoy = await runBeside(feed.folder, 'edge');
});
afterAll(async () => {
  await envoy?.stop();
  await feed?.stop();
  for (const server of apps.values()) server.close();
});

beforeEach(async () => {
  tenant = `tenant-${++tenants}`;
  await live(tell());
});

const endpoint = (name: string, address = '127.0.0.1') => ({
  address,
  port: (apps.get(name)!.address() as AddressInfo).port,
  labels: { name },
});

/** Sends the tenant's configuration: `/one` goes to the subset `one`, and everything else to the whole upstream. */
function tell(upstream = 'app'): number {
  const host = `${tenant}.test`;
  const to = (subset?: string) => [{ destination: { upstream, ...(subset && { subset }) } }];
  const subsets = [{ name: 'one', labels: { name: 'one' } }];
  return feed.tell(tenant, {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
      },
    },
    routes: {
      app: {
        hosts: [host],
        gateways: ['web'],
        http: [{ match: [{ uri: { prefix: '/one' } }], route: to('one') }, { route: to() }],
      },
    },
    upstreams: { [upstream]: { port: 9, endpoints: [endpoint('own')], subsets } },
  });
}

const live = (seq: number) => until(`event ${seq} to be live`, () => (feed.nodes[0]?.live ?? 0) >= seq);

/** Sends ten requests. @returns the different answers */
async function answers(path = '/'): Promise<string[]> {
  const seen = new Set<string>();
  for (let n = 0; n < 10; n++) {
    const { status, body } = await ask({ port, path, headers: { host: `${tenant}.test` } });
    seen.add(status === 200 ? body : String(status));
  }
  return [...seen].sort();
}

/** The counts of cluster changes, and the time at which Envoy built each cluster. */
async function clusters(): Promise<unknown> {
  const filter = encodeURIComponent('^cluster_manager.cluster_(added|modified|removed)$');
  const { configs = [] } = JSON.parse((await envoy.admin('/config_dump?resource=dynamic_active_clusters')).body);
  const built = configs.map((each: { cluster: { name: string }; last_updated: string }) => [
    each.cluster.name,
    each.last_updated,
  ]);
  return [(await envoy.admin(`/stats?filter=${filter}`)).body, built.sort()];
}

it('serve on a cold host and on a warm one, in subsets by their labels, without a change of a cluster', async () => {
  await live(feed.register(tenant, 'app', [endpoint('one')]));
  expect(await answers()).toEqual(['one', 'own']);
  expect(await answers('/one')).toEqual(['one']);
  const before = await clusters();
  await live(feed.register(tenant, 'app', [endpoint('one'), endpoint('two')]));
  expect(await answers()).toEqual(['one', 'own', 'two']);
  expect(await answers('/one')).toEqual(['one']);
  await live(feed.register(tenant, 'app', []));
  expect(await answers()).toEqual(['own']);
  expect(await answers('/one')).toEqual(['503']);
  expect(await clusters()).toEqual(before);
});

it('are left out when the fleet denies them, and count once when the upstream has the same address', async () => {
  await live(feed.register(tenant, 'app', [endpoint('one', '127.0.0.66'), endpoint('own')]));
  expect(await answers()).toEqual(['own']);
  expect(await answers('/one')).toEqual(['503']);
});

it('of another tenant, or of an upstream that does not exist, change nothing', async () => {
  const first = tenant;
  tenant = `tenant-${++tenants}`;
  await live(tell());
  await live(feed.register(first, 'app', [endpoint('one')]));
  await live(feed.register(tenant, 'gone', [endpoint('two')]));
  expect(await answers()).toEqual(['own']);
});

it('stay when a revision changes something else, and leave with their upstream', async () => {
  await live(feed.register(tenant, 'app', [endpoint('one')]));
  const other = { kind: 'upstream' as const, name: 'other', spec: { port: 9, endpoints: [endpoint('own')] } };
  await live(feed.amend(tenant, { puts: [other] }));
  expect(await answers()).toEqual(['one', 'own']);
  const app = { port: 10, endpoints: [endpoint('two')] };
  await live(feed.amend(tenant, { puts: [{ kind: 'upstream', name: 'app', spec: app }] }));
  expect(await answers()).toEqual(['one', 'two']);
  await live(feed.amend(tenant, { deletes: [{ kind: 'upstream', name: 'app' }] }));
  await live(feed.amend(tenant, { puts: [{ kind: 'upstream', name: 'app', spec: app }] }));
  expect(await answers()).toEqual(['two']);
});

it('are gone with a complete configuration that does not contain them', async () => {
  await live(feed.register(tenant, 'app', [endpoint('one')]));
  expect(await answers()).toEqual(['one', 'own']);
  await live(tell());
  expect(await answers()).toEqual(['own']);
});
