/** The upper bounds of the buckets of a duration, in seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

interface Definition {
  type: 'counter' | 'gauge' | 'histogram';
  name: string;
  help: string;
  labels: readonly string[];
  /** The upper bounds of the buckets of a histogram, in ascending order. */
  buckets?: readonly number[];
}

/** All metrics of the API. Labels are names of routes, statuses and jobs, but never names of tenants. */
export const definitions = {
  requests: {
    type: 'counter',
    name: 'gatehouse_api_requests_total',
    help: 'Answered requests.',
    labels: ['route', 'status'],
  },
  requestSeconds: {
    type: 'histogram',
    name: 'gatehouse_api_request_seconds',
    help: 'Time from a request to its response.',
    labels: ['route'],
    buckets: BUCKETS,
  },
  publishes: { type: 'counter', name: 'gatehouse_api_publishes_total', help: 'Revisions created.', labels: [] },
  jobRuns: {
    type: 'counter',
    name: 'gatehouse_api_job_runs_total',
    help: 'Runs of periodic jobs in this process.',
    labels: ['job', 'outcome'],
  },
  jobSeconds: {
    type: 'histogram',
    name: 'gatehouse_api_job_seconds',
    help: 'Duration of the runs of a job.',
    labels: ['job'],
    buckets: [0.01, 0.1, 1, 10, 60, 600],
  },
  mails: {
    type: 'counter',
    name: 'gatehouse_api_mails_total',
    help: 'Attempts to send an e-mail message.',
    labels: ['outcome'],
  },
  feedStreams: { type: 'gauge', name: 'gatehouse_api_feed_streams', help: 'Agents connected to the feed.', labels: [] },
} as const satisfies Record<string, Definition>;

export type Metric = keyof typeof definitions;
type OfType<T extends Definition['type']> = {
  [M in Metric]: (typeof definitions)[M]['type'] extends T ? M : never;
}[Metric];

type Values<Labels extends readonly string[]> = { -readonly [I in keyof Labels]: string | number };
/** The values of a metric's labels, in the order of its definition. */
type LabelValues<M extends Metric> = Values<(typeof definitions)[M]['labels']>;

/**
 * The metrics of the API, in the text format of Prometheus. On Node, prom-client implements this interface. On other
 * platforms, `text-metrics.ts` does.
 */
export interface Metrics {
  /**
   * Adds to a counter, or to a histogram.
   *
   * @param labels the values of the labels, in the order of the definition
   * @param value the amount to add, in the unit of the metric's name: seconds or a count
   */
  record<M extends OfType<'counter' | 'histogram'>>(metric: M, labels: LabelValues<M>, value: number): void;
  /** Registers the function that returns the value of a gauge. Each call of `render` calls this function. */
  watch(metric: OfType<'gauge'>, read: () => number): void;
  /**
   * Returns all metrics in the text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
   */
  render(): Promise<string>;
}
