import type { DrainReport } from '../../wire/feed.ts';
import { READY_LISTENER } from '../envoy/ready.ts';
import type { Log } from '../log.ts';
import { askAdmin } from './admin.ts';

/** How often the open connections of a drained Envoy are counted, and how soon a failed request is repeated. */
const INTERVAL_MS = 1_000;

/** Names with the numbers of open client connections and of UDP sessions. */
const COUNTERS = '^(listener[.][^.]+[.]downstream_cx_active|udp[.]tenants[.]downstream_sess_active)$';
/** The listeners to which no visitor connects. */
const NOT_VISITED = ['admin', 'probe', READY_LISTENER].map((name) => `listener.${name}.downstream_cx_active`);

export interface DrainOptions {
  node: string;
  /** The Unix socket of Envoy's admin interface. Undefined when the agent does not know one. */
  admin: string | undefined;
  /** Called when the report has changed. */
  changed: () => void;
  log: Log;
}

/**
 * Drains one Envoy, or ends its drain. A drained Envoy fails the health checks of load balancers. With every response,
 * it asks the client to close the connection: by `Connection: close` in HTTP/1.1, by GOAWAY in HTTP/2 and HTTP/3.
 * Requests under way finish, and a client that connects nevertheless is served.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/operations/draining
 */
export class Drain {
  readonly #options: DrainOptions;
  #wanted: boolean | undefined;
  #isApplied = false;
  #isRunning = false;
  #report: DrainReport = {};
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** What the agent reports about the drain; undefined when the Envoy shall not be drained. */
  get report(): DrainReport | undefined {
    return this.#wanted ? this.#report : undefined;
  }

  /** @param drained whether the Envoy shall be drained */
  set(drained: boolean): void {
    if (drained === this.#wanted) return;
    this.#wanted = drained;
    this.#isApplied = false;
    this.#report = {};
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#closed) return;
    this.#isRunning = true;
    clearTimeout(this.#timer);
    const wanted = this.#wanted;
    try {
      const connections = await this.#apply();
      this.#note(wanted, { connections });
    } catch (error) {
      this.#note(wanted, { message: (error as Error).message });
    }
    this.#isRunning = false;
    if (wanted !== this.#wanted) return void this.#run();
    if (this.#closed || (!wanted && this.#isApplied)) return;
    this.#timer = setTimeout(() => void this.#run(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** @returns the number of open connections of an Envoy that shall be drained */
  async #apply(): Promise<number> {
    const { node, admin, log } = this.#options;
    const wanted = this.#wanted;
    if (admin === undefined) {
      // Nothing was drained without the interface.
      this.#isApplied = !wanted;
      if (!wanted) return 0;
      throw new Error('the agent does not reach an admin interface: print the bootstrap with --admin unix:/path');
    }
    if (!this.#isApplied) {
      await askAdmin(admin, wanted ? '/healthcheck/fail' : '/healthcheck/ok', 'POST');
      this.#isApplied = wanted === this.#wanted;
      if (wanted) log.info({ node }, 'an Envoy is drained');
    }
    return wanted ? countConnections(admin) : 0;
  }

  #note(wanted: boolean | undefined, report: DrainReport): void {
    const { node, changed, log } = this.#options;
    if (!wanted && report.message === undefined) return;
    const isNew = JSON.stringify(report) !== JSON.stringify(this.#report);
    this.#report = report;
    if (!isNew || this.#closed) return;
    if (report.message !== undefined) log.warn({ node, reason: report.message }, 'an Envoy could not be drained');
    changed();
  }
}

async function countConnections(admin: string): Promise<number> {
  const text = await askAdmin(admin, `/stats?format=json&filter=${encodeURIComponent(COUNTERS)}`);
  const { stats } = JSON.parse(text) as { stats: { name?: string; value?: number }[] };
  return stats.reduce((sum, { name = '', value = 0 }) => (NOT_VISITED.includes(name) ? sum : sum + value), 0);
}
