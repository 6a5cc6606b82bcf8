import { mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Child } from '../cli/process/child.ts';
import { agentProgram } from '../cli/process/program.ts';
import { Connection, requestText } from './connection.ts';
import { type Processes, stop, until } from './processes.ts';
import { traced } from './trace.ts';
import { FLEET } from './workload.ts';

export interface AgentPlace {
  /** Port of the API from which the agent reads. */
  api: number;
  token: string;
  /** Time without a request until a host is evicted, in ms; undefined = the agent's default. */
  idle?: number | undefined;
}

/** The agent as a separate process, with its replica in the run's folder. */
export class AgentProcess {
  /** Unix socket to which Envoys connect. */
  readonly xds: string;
  readonly #processes: Processes;
  readonly #env: Record<string, string>;
  readonly #health: string;
  #child: Child | undefined;

  private constructor(processes: Processes, { api, token, idle }: AgentPlace) {
    this.#processes = processes;
    this.#health = join(processes.folder, 'health.sock');
    const data = join(processes.folder, 'agent');
    mkdirSync(data, { recursive: true, mode: 0o700 });
    this.xds = join(processes.folder, 'xds.sock');
    this.#env = {
      GATEHOUSE_API: `http://127.0.0.1:${api}`,
      GATEHOUSE_AGENT_TOKEN: token,
      GATEHOUSE_FLEET: FLEET,
      GATEHOUSE_DATA: data,
      GATEHOUSE_XDS: `unix:${this.xds}`,
      GATEHOUSE_HEALTH: `unix:${this.#health}`,
      GATEHOUSE_AGENT: 'bench',
      GATEHOUSE_LOG: 'warn',
      ...(idle !== undefined && { GATEHOUSE_HOST_IDLE: String(idle) }),
    };
  }

  static async start(processes: Processes, place: AgentPlace): Promise<AgentProcess> {
    const agent = new AgentProcess(processes, place);
    await agent.start();
    return agent;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** @returns seconds from spawning the agent until it is ready and accepts connections of Envoys */
  async start(): Promise<number> {
    const started = performance.now();
    const program = traced('agent', agentProgram(this.#processes.folder), this.#processes);
    const child = this.#processes.start({ ...program, name: 'agent', env: { ...program.env, ...this.#env } });
    this.#child = child;
    await until('The agent is ready', () => this.#isReady(), { child, signal: this.#processes.signal });
    return (performance.now() - started) / 1000;
  }

  /** Deletes the agent's replica. */
  loseDisk(): void {
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(this.#env.GATEHOUSE_DATA!, `replica.sqlite${suffix}`), { force: true });
  }

  stop(): Promise<void> {
    return stop(this.#child!);
  }

  async #isReady(): Promise<true | undefined> {
    const health = await Connection.open({ path: this.#health });
    try {
      const { status } = await health.send(requestText('GET', '/readyz', { host: 'agent' }));
      return status === 200 && (await listens(this.xds)) ? true : undefined;
    } finally {
      health.close();
    }
  }
}

function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
