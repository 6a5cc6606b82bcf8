import {
  type EndpointState,
  type HealthReport,
  MOST_REPORTED,
  type ReportedHealth,
} from '../../wire/endpoint-health.ts';
import { parseClusterName } from '../compile/index.ts';
import type { Log } from '../log.ts';
import { askAdmin } from './admin.ts';

/** How often Envoy is asked. It examines at most {@link MOST_REPORTED} clusters each time. */
const INTERVAL_MS = 2_000;
/** How long the API is left alone after it did not accept a report. */
const PAUSE_MS = 10_000;

export interface EndpointHealthOptions {
  node: string;
  /** The Unix socket of Envoy's admin interface. */
  admin: string;
  /** Returns the names of the clusters in this Envoy that have health checks or outlier detection. */
  watched: () => ReadonlySet<string>;
  /** Returns the endpoints that are DNS names with a problem, by cluster. */
  unresolved: () => ReadonlyMap<string, EndpointState[]>;
  /** Sends a report to the API. */
  send: (report: HealthReport) => Promise<void>;
  log: Log;
}

/**
 * Reads the health of endpoints from one Envoy, and reports what changed to the API. It asks only for clusters that
 * have health checks or outlier detection, in turn when there are many, so the cost does not grow with the number of
 * tenants.
 */
export class EndpointHealthWatch {
  readonly #options: EndpointHealthOptions;
  readonly #reported = new Map<string, EndpointState[]>();
  readonly #timer: NodeJS.Timeout;
  #isFirst = true;
  #isRunning = false;
  #next = 0;
  #pausedUntil = 0;

  constructor(options: EndpointHealthOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#run(), INTERVAL_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #run(): Promise<void> {
    if (this.#isRunning || Date.now() < this.#pausedUntil) return;
    this.#isRunning = true;
    try {
      await this.#examine();
    } catch (error) {
      this.#pausedUntil = Date.now() + PAUSE_MS;
      const { node, log } = this.#options;
      log.debug({ node, reason: (error as Error).message }, 'the health of endpoints could not be reported');
    }
    this.#isRunning = false;
  }

  async #examine(): Promise<void> {
    const { admin, node, watched } = this.#options;
    const [inEnvoy, unresolved] = [watched(), this.#options.unresolved()];
    const names = this.#turn(unresolved.size > 0 ? new Set([...inEnvoy, ...unresolved.keys()]) : inEnvoy);
    if (names.length === 0 && !this.#isFirst) return;
    const asked = names.filter((name) => inEnvoy.has(name));
    const found = asked.length > 0 ? await clustersOf(admin, asked) : new Map<string, EndpointState[]>();
    const changed = names.flatMap((name) => {
      const before = this.#reported.get(name) ?? [];
      const after = sinceThen(before, [...(found.get(name) ?? []), ...(unresolved.get(name) ?? [])]);
      return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ name, after }];
    });
    if (changed.length === 0 && !this.#isFirst) return;
    const clusters = changed.map(({ name, after }): ReportedHealth => {
      const { tenant, upstream, subset } = parseClusterName(name);
      return { tenant, upstream, ...(subset !== undefined && { subset }), endpoints: after };
    });
    await this.#send({ node, isWhole: this.#isFirst, clusters });
    this.#isFirst = false;
    for (const { name, after } of changed)
      if (after.length > 0) this.#reported.set(name, after);
      else this.#reported.delete(name);
  }

  /**
   * Sends a report. An API of the previous version rejects the whole report because of names, so they are left out
   * then.
   */
  async #send(report: HealthReport): Promise<void> {
    const { send } = this.#options;
    const isName = ({ state }: EndpointState) => state === 'unresolved';
    try {
      await send(report);
    } catch (error) {
      if (!report.clusters.some(({ endpoints }) => endpoints.some(isName))) throw error;
      const clusters = report.clusters.map((each) => ({
        ...each,
        endpoints: each.endpoints.filter((endpoint) => !isName(endpoint)),
      }));
      await send({ ...report, clusters });
    }
  }

  /** Returns the clusters to examine next, in turn: those that are watched, and those that were. */
  #turn(watched: ReadonlySet<string>): string[] {
    const all = [...new Set([...watched, ...this.#reported.keys()])];
    if (this.#next >= all.length) this.#next = 0;
    const names = all.slice(this.#next, this.#next + MOST_REPORTED);
    this.#next += names.length;
    return names;
  }
}

/** Keeps the times of states that have not changed. */
function sinceThen(before: readonly EndpointState[], after: readonly EndpointState[]): EndpointState[] {
  const known = new Map(before.map((each) => [`${each.address} ${each.port}`, each]));
  return after.map((each) => {
    const old = known.get(`${each.address} ${each.port}`);
    return old?.state === each.state && old.reason === each.reason ? old : each;
  });
}

/** One host of Envoy's `/clusters?format=json`: https://www.envoyproxy.io/docs/envoy/v1.40.0/operations/admin */
interface HostStatus {
  address?: { socket_address?: { address: string; port_value?: number } };
  health_status?: {
    failed_active_health_check?: boolean;
    failed_outlier_check?: boolean;
    pending_active_hc?: boolean;
    pending_dynamic_removal?: boolean;
    active_hc_timeout?: boolean;
  };
}

async function clustersOf(admin: string, names: readonly string[]): Promise<Map<string, EndpointState[]>> {
  const filter = `^(?:${names.map((name) => name.replace(/[^\w/-]/g, '\\$&')).join('|')})$`;
  const text = await askAdmin(admin, `/clusters?format=json&filter=${encodeURIComponent(filter)}`);
  const { cluster_statuses: clusters = [] } = JSON.parse(text) as {
    cluster_statuses?: { name: string; host_statuses?: HostStatus[] }[];
  };
  const now = Date.now();
  return new Map(
    clusters.map(({ name, host_statuses: hosts = [] }) => [name, hosts.flatMap((host) => stateOf(host, now))]),
  );
}

/** Returns nothing for a host that Envoy has not checked yet, or that is about to be removed. */
function stateOf({ address, health_status: health = {} }: HostStatus, since: number): EndpointState[] {
  const at = address?.socket_address;
  if (!at || health.pending_active_hc || health.pending_dynamic_removal) return [];
  const endpoint = { address: at.address, port: at.port_value ?? 0 };
  if (health.failed_active_health_check) {
    const reason = health.active_hc_timeout ? 'the health check timed out' : 'the health check failed';
    return [{ ...endpoint, state: 'unhealthy', reason, since }];
  }
  if (health.failed_outlier_check)
    return [{ ...endpoint, state: 'ejected', reason: 'too many errors in a row (outlier detection)', since }];
  return [{ ...endpoint, state: 'healthy', since }];
}
