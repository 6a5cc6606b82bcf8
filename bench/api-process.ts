import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { apiProgram } from '../cli/program.ts';
import type { Child } from '../cli/up/child.ts';
import { Control } from './control.ts';
import { freePort } from './ports.ts';
import { type Processes, stop, until } from './processes.ts';
import { traced } from './trace.ts';

/** The control API as a process of its own, on a database in the run's folder. */
export class ApiProcess {
  readonly port: number;
  readonly token = `gh_operator_${randomBytes(32).toString('base64url')}`;
  readonly #processes: Processes;
  readonly #sealingKeys = `bench:${randomBytes(32).toString('base64')}`;
  #child: Child | undefined;

  private constructor(processes: Processes, port: number) {
    this.#processes = processes;
    this.port = port;
  }

  static async start(processes: Processes): Promise<ApiProcess> {
    const api = new ApiProcess(processes, await freePort());
    await api.start();
    return api;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** @returns seconds from spawning it to its saying that it is ready */
  async start(): Promise<number> {
    const started = performance.now();
    const program = traced('api', apiProgram({ path: this.#processes.folder }), this.#processes);
    const env = {
      ...program.env,
      GATEHOUSE_STORE: `sqlite:${join(this.#processes.folder, 'api.sqlite')}`,
      GATEHOUSE_LISTEN: `127.0.0.1:${this.port}`,
      GATEHOUSE_SEALING_KEYS: this.#sealingKeys,
      GATEHOUSE_OPERATOR_TOKEN: this.token,
      // One token stands for all tenants here.
      GATEHOUSE_RATE_LIMIT: '0',
      GATEHOUSE_LOG_LEVEL: 'warn',
    };
    const child = this.#processes.start({ ...program, name: 'api', env });
    this.#child = child;
    await until('The API is ready', () => this.#isReady(), { child, signal: this.#processes.signal });
    return (performance.now() - started) / 1000;
  }

  stop(): Promise<void> {
    return stop(this.#child!);
  }

  connect(): Promise<Control> {
    return Control.open(this.port, this.token);
  }

  async #isReady(): Promise<true | undefined> {
    const control = await this.connect();
    try {
      await control.request('GET', '/readyz');
      return true;
    } finally {
      control.close();
    }
  }
}
