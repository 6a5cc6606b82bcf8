import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import type { Limits } from '../../dataplane/envoy/limits.ts';
import { type RunningEnvoy, runEnvoy } from '../envoy/run.ts';
import { Process, until } from './process.ts';

/** A request of a test to the control API. `path` is below `/v1`. */
export interface Call {
  method?: string;
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
}

export interface Reply {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what came, whatever it is
  body: any;
}

/** All of Gatehouse on one machine: API, agent and Envoy as separate processes, in a folder of their own. */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), 'gh-'));
  readonly operator = `gh_operator_${randomBytes(32).toString('base64url')}`;
  readonly fleet = 'edge';
  readonly api: Process;
  agent!: Process;
  envoy: RunningEnvoy | undefined;
  httpPort = 0;
  httpsPort = 0;
  readonly #apiPort: number;
  #adapt = (config: Record<string, unknown>) => config;
  #regexLimit: number | undefined;
  #drainSeconds: number | undefined;

  private constructor(apiPort: number, apiEnv: Record<string, string>, onWorkers: boolean) {
    this.#apiPort = apiPort;
    this.api = new Process(onWorkers ? 'api/workers/dev.node.ts' : 'api/main.node.ts', {
      ...(onWorkers
        ? { GATEHOUSE_WORKER_FOLDER: join(this.folder, 'worker'), HOME: this.folder }
        : { GATEHOUSE_STORE: `sqlite:${join(this.folder, 'api.sqlite')}` }),
      GATEHOUSE_LISTEN: `127.0.0.1:${apiPort}`,
      GATEHOUSE_OPERATOR_TOKEN: this.operator,
      GATEHOUSE_SEALING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      ...apiEnv,
    });
  }

  static async start({
    envoy = true,
    xds,
    apiEnv = {},
    agentEnv = {},
    onWorkers = false,
    regexLimit,
    adapt,
    ports,
    drainSeconds,
  }: {
    envoy?: boolean;
    xds?: string;
    apiEnv?: Record<string, string>;
    agentEnv?: Record<string, string>;
    /** The API as `npm run worker:dev` serves it. */
    onWorkers?: boolean;
    /** RE2 instructions that its Envoys allow a pattern: with few, they refuse what the API accepts. */
    regexLimit?: number;
    /** Changes to Envoy's bootstrap. */
    adapt?: (config: Record<string, unknown>) => Record<string, unknown>;
    /** The ports on which Envoy listens; default: free ones. */
    ports?: { http: number; https: number };
    /** How long its Envoys keep the connections of a filter chain that was removed; default 600. */
    drainSeconds?: number;
  } = {}): Promise<Stack> {
    const stack = new Stack(await freePort(), apiEnv, onWorkers);
    stack.#regexLimit = regexLimit;
    stack.#drainSeconds = drainSeconds;
    if (adapt) stack.#adapt = adapt;
    stack.httpPort = ports?.http ?? (await freePort());
    stack.httpsPort = ports?.https ?? (await freePort());
    await stack.startApi();
    const created = await stack.call('/fleets', {
      method: 'POST',
      body: {
        name: stack.fleet,
        labels: { ingress: 'public' },
        address: '127.0.0.1',
        ports: [
          { number: 80, bind: stack.httpPort, protocol: 'HTTP' },
          { number: 443, bind: stack.httpsPort, protocol: 'HTTPS' },
        ],
        denyDestinations: [],
      },
    });
    if (created.status !== 201) throw new Error(`fleet: ${created.status} ${JSON.stringify(created.body)}`);
    const token = await stack.call(`/fleets/${stack.fleet}/tokens`, { method: 'POST', body: { description: 'agent' } });
    stack.agent = new Process('dataplane/main.ts', {
      GATEHOUSE_API: stack.apiUrl,
      GATEHOUSE_AGENT_TOKEN: token.body.token,
      GATEHOUSE_FLEET: stack.fleet,
      GATEHOUSE_DATA: join(stack.folder, 'agent'),
      GATEHOUSE_XDS: xds ?? stack.xds,
      GATEHOUSE_HEALTH: `unix:${stack.health}`,
      GATEHOUSE_PROBE_TIMEOUT: '10000',
      ...agentEnv,
    });
    await stack.startAgent();
    if (envoy) await stack.startEnvoy();
    return stack;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#apiPort}`;
  }

  get xds(): string {
    return `unix:${join(this.folder, 'xds.sock')}`;
  }

  get health(): string {
    return join(this.folder, 'health.sock');
  }

  get replica(): string {
    return join(this.folder, 'agent', 'replica.sqlite');
  }

  async startApi(): Promise<void> {
    this.api.start();
    await until('the API', async () => (await fetch(`${this.apiUrl}/readyz`)).ok).catch((error) => {
      throw new Error(`the API did not start: ${this.api.output}`, { cause: error });
    });
  }

  async startAgent({ ready = true } = {}): Promise<void> {
    this.agent.start();
    if (!ready) return;
    await until('the agent', () => this.agentAnswers('/readyz')).catch((error) => {
      throw new Error(`the agent did not start: ${this.agent.output}`, { cause: error });
    });
  }

  async startEnvoy(): Promise<void> {
    this.envoy = await this.runEnvoy('envoy-1', this.folder);
  }

  /** One more Envoy of the fleet, on the same ports: the kernel spreads new connections over all of them. */
  async runEnvoy(id: string, folder: string, limits?: Limits, regexLimit = this.#regexLimit): Promise<RunningEnvoy> {
    const config = bootstrap({
      node: { id, cluster: this.fleet },
      xds: { path: join(this.folder, 'xds.sock') },
      admin: { path: join(folder, 'admin.sock') },
      probe: join(folder, 'probe.sock'),
      concurrency: 2,
      ...(limits && { limits }),
    });
    if (regexLimit !== undefined) {
      const limit = { 're2.max_program_size.error_level': regexLimit };
      config.layered_runtime = { layers: [{ name: 'test', static_layer: limit }] };
    }
    const drain = this.#drainSeconds === undefined ? {} : { drainSeconds: this.#drainSeconds };
    return runEnvoy({ binary: await findEnvoy({}), config: this.#adapt(config), folder, ...drain });
  }

  /** Whether the agent answers 200, with what it said. */
  async agentAnswers(path: string): Promise<string | undefined> {
    const { http } = await import('./unix.ts');
    const answer = await http(this.health, path);
    return answer.status === 200 ? answer.body : undefined;
  }

  async call(path: string, { method = 'GET', body, token = this.operator, headers = {} }: Call = {}): Promise<Reply> {
    const response = await fetch(`${this.apiUrl}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Writes and waits until it is live on every connected node; anything else is an error. */
  async publish(tenant: string, path: string, body: unknown, method = 'PUT'): Promise<Reply> {
    const reply = await this.call(`/tenants/${tenant}/${path}`, { method, body, headers: { prefer: 'wait=60' } });
    if (reply.status < 200 || reply.status === 202 || reply.status > 299)
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply;
  }

  async createTenant(name: string): Promise<void> {
    const reply = await this.call('/tenants', { method: 'POST', body: { name, displayName: name } });
    if (reply.status !== 201) throw new Error(`tenant: ${reply.status} ${JSON.stringify(reply.body)}`);
  }

  async stop(): Promise<void> {
    await this.envoy?.stop();
    await this.agent?.stop();
    await this.api.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Below the ephemeral range, where a connection of another test could take it meanwhile. Files that run at the same time
 * have different halves of it.
 */
let next = 20_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 2) * 6_000 + (process.pid % 200) * 20;
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = next++;
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error('no free port');
}

/** @returns the first of `count` free ports in a row */
export async function freePorts(count: number): Promise<number> {
  let first = await freePort();
  for (let last = first; last - first < count - 1; ) {
    const port = await freePort();
    if (port !== last + 1) first = port;
    last = port;
  }
  return first;
}
