// These files load in a tenth of the time of the whole package, which contains support for push gateways and clusters.
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';

/**
 * The metrics of the agent. Their names follow the conventions of Prometheus: base units, and `_total` for counters.
 * https://prometheus.io/docs/practices/naming/
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly feedConnected = new Gauge({
    name: 'gatehouse_agent_feed_connected',
    help: '1 while the agent receives the feed, otherwise 0',
    registers: [this.#registry],
  });
  readonly streams = new Gauge({
    name: 'gatehouse_agent_streams',
    help: 'Connected xDS clients',
    registers: [this.#registry],
  });
  readonly nacks = new Counter({
    name: 'gatehouse_agent_nacks_total',
    help: 'Resources that an Envoy rejected',
    labelNames: ['type'],
    registers: [this.#registry],
  });
  readonly faults = new Counter({
    name: 'gatehouse_agent_faults_total',
    help: 'Resources that could not be built or sent, and events that could not be applied (type event)',
    labelNames: ['type'],
    registers: [this.#registry],
  });
  readonly evicted = new Counter({
    name: 'gatehouse_agent_evicted_hosts_total',
    help: 'Idle hosts that were evicted from an Envoy',
    registers: [this.#registry],
  });
  readonly #events = new Counter({
    name: 'gatehouse_agent_feed_events_total',
    help: 'Events applied from the feed',
    registers: [this.#registry],
  });
  readonly #lag = new Histogram({
    name: 'gatehouse_agent_feed_lag_seconds',
    help: 'Time from the commit of a revision until the agent has queued its resources for every Envoy',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [this.#registry],
  });

  #ofProcess: Promise<void> | undefined;

  readonly contentType = this.#registry.contentType;

  /** Writes all metrics in Prometheus' format. */
  async render(): Promise<string> {
    await (this.#ofProcess ??= this.#observeProcess());
    return this.#registry.metrics();
  }

  /** Adds the metrics of the process. They take 20 ms to load, and an agent without a monitoring system needs none. */
  async #observeProcess(): Promise<void> {
    const { default: collectDefaultMetrics } = await import('prom-client/lib/defaultMetrics.js');
    collectDefaultMetrics({ register: this.#registry });
  }

  /** @param counts returns the number of DNS names that are resolved, and of those whose last lookup failed */
  watchNames(counts: () => { all: number; failing: number }): void {
    new Gauge({
      name: 'gatehouse_agent_names',
      help: 'DNS names of upstreams that are resolved, by whether their last lookup was answered',
      labelNames: ['state'],
      registers: [this.#registry],
      collect() {
        const { all, failing } = counts();
        this.set({ state: 'answered' }, all - failing);
        this.set({ state: 'failing' }, failing);
      },
    });
  }

  /**
   * Counts a batch of feed events that was applied and queued for the Envoys.
   *
   * @param changes one per event about a tenant, with `committedAt` in ms since 1970, or 0 when unknown
   * @param unreadable number of feed lines that were not events
   */
  applied(changes: readonly { failure?: string; committedAt: number }[], unreadable: number): void {
    this.#events.inc(changes.length);
    if (unreadable > 0) this.faults.inc({ type: 'event' }, unreadable);
    for (const { failure } of changes) if (failure !== undefined) this.faults.inc({ type: 'event' });
    const now = Date.now();
    for (const { committedAt } of changes)
      if (committedAt > 0) this.#lag.observe(Math.max(0, now - committedAt) / 1000);
  }
}
