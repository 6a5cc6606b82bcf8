import { definitions, type Metric, type Metrics } from './metrics.ts';

/** One series: the values of its labels, and the recorded values. */
interface Series {
  labels: readonly (string | number)[];
  sum: number;
  /** For a histogram, the number of values in each bucket. The last bucket has no upper bound. */
  counts: number[];
}

/** Creates the metrics for platforms on which prom-client does not run. */
export function textMetrics(): Metrics {
  const recorded = new Map<Metric, Map<string, Series>>();
  const gauges = new Map<Metric, () => number>();
  const seriesOf = (metric: Metric, labels: readonly (string | number)[]): Series => {
    let all = recorded.get(metric);
    if (!all) recorded.set(metric, (all = new Map()));
    const key = labels.join('\n');
    let series = all.get(key);
    if (!series) {
      const { buckets } = definitions[metric] as { buckets?: readonly number[] };
      all.set(key, (series = { labels, sum: 0, counts: buckets ? new Array<number>(buckets.length + 1).fill(0) : [] }));
    }
    return series;
  };
  // A counter without labels is rendered as 0 before its first value.
  for (const metric of Object.keys(definitions) as Metric[])
    if (definitions[metric].type === 'counter' && definitions[metric].labels.length === 0) seriesOf(metric, []);
  return {
    record(metric, labels, value) {
      const series = seriesOf(metric, labels);
      series.sum += value;
      if (series.counts.length > 0) series.counts[bucketOf(metric, value)]!++;
    },
    watch(metric, read) {
      gauges.set(metric, read);
    },
    async render() {
      const metrics = Object.keys(definitions) as Metric[];
      const lines = metrics.flatMap((metric) => {
        const { name, help, type } = definitions[metric];
        const read = gauges.get(metric);
        const series = [...(recorded.get(metric)?.values() ?? [])].flatMap((each) => linesOf(metric, each));
        return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...(read ? [`${name} ${read()}`] : series)];
      });
      return `${lines.join('\n')}\n`;
    },
  };
}

function bucketOf(metric: Metric, value: number): number {
  const { buckets } = definitions[metric] as { buckets: readonly number[] };
  const bucket = buckets.findIndex((bound) => value <= bound);
  return bucket === -1 ? buckets.length : bucket;
}

function linesOf(metric: Metric, { labels, sum, counts }: Series): string[] {
  const { name, labels: names, ...rest } = definitions[metric];
  const pairs = names.map((label, index) => `${label}="${labels[index]}"`);
  const line = (suffix: string, value: number, ...more: string[]) => {
    const all = [...pairs, ...more].join();
    return `${name}${suffix}${all && `{${all}}`} ${value}`;
  };
  if (!('buckets' in rest)) return [line('', sum)];
  let below = 0;
  const buckets = rest.buckets.map((bound, index) => line('_bucket', (below += counts[index]!), `le="${bound}"`));
  const total = below + counts.at(-1)!;
  return [...buckets, line('_bucket', total, 'le="+Inf"'), line('_sum', sum), line('_count', total)];
}
