/** The upper bounds of the buckets of a duration, in seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

interface Definition {
  type: 'counter' | 'gauge' | 'histogram';
  name: string;
  help: string;
  labels: readonly string[];
  /** Histograms only: upper bounds, ascending. */
  buckets?: readonly number[];
}

/** Every metric of the API. Labels are names of routes and statuses, never a tenant's. */
export const definitions = {
  requests: {
    type: 'counter',
    name: 'gatehouse_api_requests_total',
    help: 'Requests answered.',
    labels: ['route', 'status'],
  },
  requestSeconds: {
    type: 'histogram',
    name: 'gatehouse_api_request_seconds',
    help: 'Time to answer.',
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
    help: 'Time a run of a job took.',
    labels: ['job'],
    buckets: [0.01, 0.1, 1, 10, 60, 600],
  },
  feedStreams: { type: 'gauge', name: 'gatehouse_api_feed_streams', help: 'Agents that follow the feed.', labels: [] },
} as const satisfies Record<string, Definition>;

export type Metric = keyof typeof definitions;
type OfType<T extends Definition['type']> = {
  [M in Metric]: (typeof definitions)[M]['type'] extends T ? M : never;
}[Metric];

type Values<Labels extends readonly string[]> = { -readonly [I in keyof Labels]: string | number };
/** The values of a metric's labels, in the order of its definition. */
type LabelValues<M extends Metric> = Values<(typeof definitions)[M]['labels']>;

/** The API's own metrics, in Prometheus' text format. Node keeps them with prom-client, other platforms by themselves. */
export interface Metrics {
  /**
   * Adds to a counter, or to a histogram.
   *
   * @param value in the unit of the metric's name: seconds, or a number of things
   */
  record<M extends OfType<'counter' | 'histogram'>>(metric: M, labels: LabelValues<M>, value: number): void;
  /** Reads a gauge whenever the metrics are rendered. */
  watch(metric: OfType<'gauge'>, read: () => number): void;
  /** The text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
  render(): Promise<string>;
}
