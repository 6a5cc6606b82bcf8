import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from './process.ts';
import { Stack } from './stack.ts';

/** An application that answers with its name, counts its connections, and answers `/hold` only when it is released. */
class Application {
  readonly name: string;
  readonly held: ServerResponse[] = [];
  connections = 0;
  readonly #server: Server;

  constructor(name: string) {
    this.name = name;
    this.#server = createServer((received, response) => {
      if (received.url === '/hold') this.held.push(response);
      else response.end(name);
    });
    // Envoy alone decides when a connection ends.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', () => this.connections++);
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers every held request. */
  release(): void {
    for (const response of this.held.splice(0)) response.end(this.name);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let stack: Stack;
let apps: Application[];
let one: Application;
let two: Application;
let three: Application;
/** One connection to Envoy, hence one worker, and at most one idle connection from it to each endpoint. */
let agent: Agent;

beforeAll(async () => {
  stack = await Stack.start();
});

afterAll(() => stack?.stop());

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
 * @returns `stop`, which returns the different answers and errors
 */
function keepAsking(tenant: string): { stop(): Promise<string[]> } {
  const client = new Agent({ keepAlive: true, maxSockets: 8 });
  const seen = new Set<string>();
  let isStopped = false;
  const worker = async () => {
    while (!isStopped) seen.add(await get(tenant, '/', client).catch((error: Error) => error.message));
  };
  const workers = Array.from({ length: 8 }, worker);
  return {
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
  it('becomes another cluster with each change of its endpoints, and Envoy still cuts no request', async () => {
    const named = { address: 'localhost' };
    await serve('names', upstream(endpoint(one, named), endpoint(two, named)));
    const underWay = Array.from({ length: 8 }, () => get('names', '/hold', false));
    await until('requests at both endpoints', () => one.held.length > 0 && two.held.length > 0 && held() === 8);
    const clusters = await built('names');
    await change('names', upstream(endpoint(one, named), endpoint(three, named)));
    await until('the other endpoint', async () => 'three' in (await answers('names', 5)));
    expect(await built('names')).not.toEqual(clusters);
    for (const app of apps) app.release();
    expect((await Promise.all(underWay)).filter((answer) => answer !== 'one' && answer !== 'two')).toEqual([]);
  });

  it('fails no request when names replace addresses, and addresses replace names', async () => {
    await serve('mixed', upstream(endpoint(one)));
    expect(await get('mixed')).toBe('one');
    const load = keepAsking('mixed');
    for (const [n, address] of ['localhost', 'localhost', '127.0.0.1', 'localhost', '127.0.0.1'].entries())
      await change('mixed', upstream(endpoint(apps[n % 3]!, { address })));
    await until('the last endpoint', async () => (await get('mixed')) === 'two');
    expect((await load.stop()).filter((answer) => !apps.some(({ name }) => name === answer))).toEqual([]);
  });
});

const held = () => apps.reduce((sum, app) => sum + app.held.length, 0);
