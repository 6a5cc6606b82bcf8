import { randomBytes } from 'node:crypto';
import type { Child } from '../cli/process/child.ts';
import { apiProgram } from '../cli/process/program.ts';
import { Control } from './control.ts';
import { newDatabase, type StoreKind } from './database.ts';
import { freePort } from './ports.ts';
import { type Processes, stop, until } from './processes.ts';
import { traced } from './trace.ts';
import { cpuMs, residentMb } from './usage.ts';

export interface ApiPlace {
  store?: StoreKind | undefined;
  /** API processes on one database. */
  count?: number | undefined;
}

/** One or several processes of the control API, on a new database. */
export class ApiProcess {
  readonly ports: readonly number[];
  readonly token = `gh_operator_${randomBytes(32).toString('base64url')}`;
  readonly #processes: Processes;
  readonly #store: string;
  readonly #sealingKeys = `bench:${randomBytes(32).toString('base64')}`;
  #children: Child[] = [];
  #connected = 0;

  private constructor(processes: Processes, store: string, ports: number[]) {
    this.#processes = processes;
    this.#store = store;
    this.ports = ports;
  }

  static async start(processes: Processes, { store = 'sqlite', count = 1 }: ApiPlace = {}): Promise<ApiProcess> {
    const ports: number[] = [];
    for (let i = 0; i < count; i++) ports.push(await freePort());
    const api = new ApiProcess(processes, await newDatabase(store, processes), ports);
    await api.start();
    return api;
  }

  get port(): number {
    return this.ports[0]!;
  }

  get pid(): number {
    return this.#children[0]!.pid!;
  }

  /** CPU time of all API processes, ms. */
  cpuMs(): number {
    return this.#children.reduce((all, { pid }) => all + cpuMs(pid!), 0);
  }

  /** Of all its processes. */
  residentMb(): number {
    return this.#children.reduce((all, { pid }) => all + residentMb(pid!), 0);
  }

  /** @returns seconds from spawning the processes until all report that they are ready */
  async start(): Promise<number> {
    const started = performance.now();
    this.#children = this.ports.map((port, i) => this.#spawn(port, i === 0 ? 'api' : `api-${i + 1}`));
    const { signal } = this.#processes;
    for (const [i, child] of this.#children.entries())
      await until('The API is ready', () => this.#isReady(this.ports[i]!), { child, signal });
    return (performance.now() - started) / 1000;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(stop));
  }

  /** Sends requests to each process in turn. */
  connect(): Promise<Control> {
    return Control.open(this.ports[this.#connected++ % this.ports.length]!, this.token);
  }

  #spawn(port: number, name: string): Child {
    const program = traced('api', apiProgram(this.#processes.folder), this.#processes);
    const env = {
      ...program.env,
      GATEHOUSE_STORE: this.#store,
      GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
      GATEHOUSE_SEALING_KEYS: this.#sealingKeys,
      GATEHOUSE_OPERATOR_TOKEN: this.token,
      GATEHOUSE_DOMAIN_PROOF: 'optional',
      GATEHOUSE_DELETION_GRACE_DAYS: '0',
      // The bench uses one token for all tenants.
      GATEHOUSE_RATE_LIMIT: '0',
      GATEHOUSE_LOG_LEVEL: 'warn',
    };
    return this.#processes.start({ ...program, name, env });
  }

  async #isReady(port: number): Promise<true | undefined> {
    const control = await Control.open(port, this.token);
    try {
      await control.request('GET', '/readyz');
      return true;
    } finally {
      control.close();
    }
  }
}
