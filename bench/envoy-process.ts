import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../cli/process/child.ts';
import { bootstrap } from '../dataplane/envoy/bootstrap.ts';
import { Connection, requestText } from './connection.ts';
import { type Processes, stop } from './processes.ts';

export interface EnvoyOptions {
  binary: string;
  name: string;
  cluster: string;
  /** The path of the xDS server's Unix socket. */
  xds: string;
  /** Default: delta xDS, as Gatehouse's agent serves it. */
  transport?: 'delta' | 'sotw';
}

/** A real Envoy with one worker, so a change that one request sees is live for all requests. */
export class EnvoyProcess {
  readonly #processes: Processes;
  readonly #options: EnvoyOptions;
  #child: Child | undefined;

  constructor(processes: Processes, options: EnvoyOptions) {
    this.#processes = processes;
    this.#options = options;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get child(): Child {
    return this.#child!;
  }

  start(): void {
    const { binary, name, cluster, xds, transport = 'delta' } = this.#options;
    const folder = join(this.#processes.folder, name);
    mkdirSync(folder, { recursive: true });
    const config = bootstrap({
      node: { id: name, cluster },
      xds: { path: xds },
      admin: { path: join(folder, 'admin.sock') },
      probe: join(folder, 'probe.sock'),
      concurrency: 1,
    });
    const file = join(folder, 'envoy.json');
    const text = JSON.stringify(config);
    writeFileSync(file, transport === 'sotw' ? text.replace('"DELTA_GRPC"', '"GRPC"') : text);
    const args = ['-c', file, '--concurrency', '1', '--use-dynamic-base-id', '-l', 'warning'];
    this.#child = this.#processes.start({ name, command: binary, args });
  }

  /** Reads one of Envoy's statistics by its full name. */
  async gauge(name: string): Promise<number> {
    const admin = await Connection.open({ path: join(this.#processes.folder, this.#options.name, 'admin.sock') });
    try {
      const { body } = await admin.send(requestText('GET', `/stats?filter=^${name}$`, { host: 'envoy' }));
      return Number(body.slice(body.lastIndexOf(':') + 1));
    } finally {
      admin.close();
    }
  }

  stop(): Promise<void> {
    return stop(this.#child!);
  }
}
