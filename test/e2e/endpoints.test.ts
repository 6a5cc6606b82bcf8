import { Agent, type IncomingMessage, request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Application } from './application.ts';
import { NameServer } from './dns.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let names: NameServer;
let apps: Application[];
let one: Application;
let two: Application;
let three: Application;
/** One connection to Envoy, hence one worker, and at most one idle connection from it to each endpoint. */
let agent: Agent;

beforeAll(async () => {
  names = await NameServer.start();
  stack = await Stack.start(names.resolver);
});

afterAll(async () => {
  await stack?.stop();
  await names.stop();
});

beforeEach(async () => {
  apps = [new Application('one'), new Application('two'), new Application('three')];
  [one, two, three] = apps as [Application, Application, Application];
  await Promise.all(apps.map((app) => app.start()));
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});

afterEach(() => {
  agent.destroy();
  for (const app of apps) app.stop();
});

interface Written {
  address?: string;
  weight?: number;
}

const endpoint = ({ port, name }: Application, { address = '127.0.0.1', weight }: Written = {}) => ({
  address,
  port,
  labels: { version: name },
  ...(weight !== undefined && { weight }),
});

/** An upstream, with a subset that contains the endpoints of `one`. */
const upstream = (...endpoints: ReturnType<typeof endpoint>[]) => ({
  port: 9080,
  endpoints,
  subsets: [{ name: 'one', labels: { version: 'one' } }],
});

/** Publishes a host whose path `/subset` goes to the subset, and everything else to the whole upstream. */
async function serve(tenant: string, app: ReturnType<typeof upstream>): Promise<void> {
  await stack.createTenant(tenant);
  const host = `${tenant}.test`;
  await stack.publish(tenant, 'configuration', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
      },
    },
    upstreams: { app },
    routes: {
      app: {
        hosts: [host],
        gateways: ['web'],
        http: [
          {
            match: [{ uri: { prefix: '/subset' } }],
            route: [{ destination: { upstream: 'app', subset: 'one' } }],
          },
          { route: [{ destination: { upstream: 'app' } }] },
        ],
      },
    },
  });
}

const change = (tenant: string, app: ReturnType<typeof upstream>) => stack.publish(tenant, 'upstreams/app', app);

function get(tenant: string, path = '/', by: Agent | false = agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({
    host: '127.0.0.1',
    port: stack.httpPort,
    path,
    agent: by,
    headers: { host: `${tenant}.test` },
  });
  asked.on('response', (response: IncomingMessage) => {
    let body = '';
    response.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    response.on('error', reject);
    response.on('end', () => resolve(response.statusCode === 200 ? body : `${response.statusCode} ${body}`));
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

/** Sends requests one after the other. @returns the number of requests that each application answered, by its name */
async function answers(tenant: string, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const answer = await get(tenant);
    counts[answer] = (counts[answer] ?? 0) + 1;
  }
  return counts;
}

/**
 * Sends requests on eight connections until it is stopped.
 *
 * @returns the different answers and errors so far, and `stop`, which returns all of them
 */
function keepAsking(tenant: string): { seen: ReadonlySet<string>; stop(): Promise<string[]> } {
  const client = new Agent({ keepAlive: true, maxSockets: 8 });
  const seen = new Set<string>();
  let isStopped = false;
  const worker = async () => {
    while (!isStopped) seen.add(await get(tenant, '/', client).catch((error: Error) => error.message));
  };
  const workers = Array.from({ length: 8 }, worker);
  return {
    seen,
    stop: async () => {
      isStopped = true;
      await Promise.all(workers);
      client.destroy();
      return [...seen];
    },
  };
}

/** How many clusters Envoy has added, changed and removed, and how many it warms. */
async function clusterWork(): Promise<string> {
  const filter = String.raw`cluster_manager\.(cluster_(added|modified|removed)|warming_clusters)$`;
  return (await stack.envoy!.admin(`/stats?filter=${encodeURIComponent(filter)}`)).body;
}

/** The time at which Envoy last built each cluster of the tenant, by the name of the cluster. */
async function built(tenant: string): Promise<Record<string, string>> {
  const { body } = await stack.envoy!.admin('/config_dump?resource=dynamic_active_clusters');
  const { configs = [] } = JSON.parse(body) as { configs?: { cluster: { name: string }; last_updated: string }[] };
  const own = configs.filter(({ cluster: { name } }) => name.includes(tenant));
  return Object.fromEntries(own.map(({ cluster, last_updated }) => [cluster.name, last_updated]));
}

describe('an endpoint that is added, removed or weighted', () => {
  it('neither changes a cluster nor closes a connection to the other endpoints', async () => {
    await serve('pools', upstream(endpoint(one), endpoint(two)));
    expect(Object.keys(await answers('pools', 10)).sort()).toEqual(['one', 'two']);
    expect(await get('pools', '/subset')).toBe('one');
    const [work, clusters] = [await clusterWork(), await built('pools')];
    expect(Object.keys(clusters)).toHaveLength(2);
    const connections = one.connections;

    await change('pools', upstream(endpoint(one), endpoint(two), endpoint(three)));
    expect(Object.keys(await answers('pools', 12)).sort()).toEqual(['one', 'three', 'two']);
    await change('pools', upstream(endpoint(one, { weight: 3 }), endpoint(two), endpoint(three)));
    const weighted = await answers('pools', 100);
    expect(weighted.one).toBeGreaterThanOrEqual(50);
    expect(weighted.one).toBeLessThanOrEqual(70);
    await change('pools', upstream(endpoint(one, { weight: 3 }), endpoint(three)));
    expect(Object.keys(await answers('pools', 20)).sort()).toEqual(['one', 'three']);
    expect(await get('pools', '/subset')).toBe('one');

    expect(await clusterWork()).toBe(work);
    expect(await built('pools')).toEqual(clusters);
    expect(one.connections).toBe(connections);
  });

  it('leaves requests under way alone, even those at the removed endpoint', async () => {
    await serve('held', upstream(endpoint(one), endpoint(two)));
    const underWay = Array.from({ length: 8 }, () => get('held', '/hold', false));
    await until('requests at both endpoints', () => one.held.length > 0 && two.held.length > 0 && held() === 8);
    const [atOne, atTwo] = [one.held.length, two.held.length];

    await change('held', upstream(endpoint(one), endpoint(three)));
    expect(Object.keys(await answers('held', 10)).sort()).toEqual(['one', 'three']);
    for (const app of apps) app.release();
    const counts = (await Promise.all(underWay)).sort();
    expect(counts).toEqual([...Array<string>(atOne).fill('one'), ...Array<string>(atTwo).fill('two')]);
  });

  it('fails no request when the last endpoint is replaced again and again', async () => {
    await serve('swaps', upstream(endpoint(one)));
    expect(await get('swaps')).toBe('one');
    const work = await clusterWork();
    const load = keepAsking('swaps');
    for (let n = 0; n < 20; n++) await change('swaps', upstream(endpoint(apps[n % 3]!)));
    expect((await load.stop()).sort()).toEqual(['one', 'three', 'two']);
    expect(await clusterWork()).toBe(work);
  });
});

describe('an upstream with DNS names', () => {
  it('fails no request when names replace addresses, and addresses replace names, in the same cluster', async () => {
    await serve('mixed', upstream(endpoint(one), endpoint(two)));
    expect(Object.keys(await answers('mixed', 10)).sort()).toEqual(['one', 'two']);
    const underWay = Array.from({ length: 8 }, () => get('mixed', '/hold', false));
    await until('requests at both endpoints', () => one.held.length > 0 && two.held.length > 0 && held() === 8);
    const work = await clusterWork();
    const load = keepAsking('mixed');
    for (const [n, address] of ['localhost', 'localhost', '127.0.0.1', 'localhost', '127.0.0.1'].entries())
      await change('mixed', upstream(endpoint(apps[n % 3]!, { address })));
    await until('the last endpoint', async () => (await get('mixed')) === 'two');
    expect((await load.stop()).filter((answer) => !apps.some(({ name }) => name === answer))).toEqual([]);
    for (const app of apps) app.release();
    expect((await Promise.all(underWay)).filter((answer) => answer !== 'one' && answer !== 'two')).toEqual([]);
    expect(await clusterWork()).toBe(work);
  });

  it('gets the new addresses of its names in the same cluster, and completes requests at the old ones', async () => {
    const moved = new Application('moved');
    apps.push(moved);
    await moved.start(one.port, '127.0.0.2');
    names.set('moving.test', '127.0.0.1');
    await serve('moving', upstream(endpoint(one, { address: 'moving.test' })));
    expect(await get('moving')).toBe('one');
    const underWay = get('moving', '/hold', false);
    await until('the request', () => held() === 1);
    const [work, load] = [await clusterWork(), keepAsking('moving')];
    names.set('moving.test', '127.0.0.2');
    // Requests of all eight clients may be under way to the old address when another one gets the new one.
    await until('the new address', () => load.seen.has('moved'));
    expect((await load.stop()).sort()).toEqual(['moved', 'one']);
    names.set('moving.test', '127.0.0.1', '127.0.0.2');
    // One client among several in step may get every second turn, and hence always the same endpoint.
    const both = keepAsking('moving');
    await until('both', () => both.seen.size === 2);
    expect((await both.stop()).sort()).toEqual(['moved', 'one']);
    one.release();
    expect([await underWay, await clusterWork()]).toEqual(['one', work]);
  });

  it('case: DNS answers, and then returns NXDOMAIN: the last good endpoints stay in use, also after a restart', async () => {
    // Two tenants have the same name.
    const hosts = { gone: 'gone.test', also: 'gone.test', failing: 'failing.test', silent: 'silent.test' };
    const tenants = Object.keys(hosts);
    for (const host of Object.values(hosts)) names.set(host, '127.0.0.1');
    for (const [tenant, address] of Object.entries(hosts)) await serve(tenant, upstream(endpoint(one, { address })));
    for (const tenant of tenants) expect(await get(tenant)).toBe('one');
    const loads = tenants.map(keepAsking);
    names.set('gone.test');
    names.fail('failing.test', 'SERVFAIL');
    names.fail('silent.test', 'silence');
    await until('failed lookups', () => Object.values(hosts).every((host) => names.asked(host) > 1));
    await stack.agent.stop('SIGKILL');
    const before = names.asked('gone.test');
    await stack.startAgent();
    await until('a failed lookup', () => names.asked('gone.test') > before);
    for (const load of loads) expect(await load.stop()).toEqual(['one']);
    // An Envoy that has nothing gets them too.
    stack.envoy!.kill('SIGKILL');
    await stack.startEnvoy();
    for (const tenant of tenants) await until('endpoints', async () => (await get(tenant, '/', false)) === 'one');
  });
});

const held = () => apps.reduce((sum, app) => sum + app.held.length, 0);
