const BUCKETS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000];

/** The control API's own numbers, in Prometheus' text format. Labels are route names and statuses: never a tenant's. */
export class Metrics {
  readonly #requests = new Map<string, { counts: number[]; sum: number; total: number }>();
  readonly #statuses = new Map<string, number>();
  readonly #counters = new Map<string, { help: string; value: number }>();
  readonly #gauges = new Map<string, { help: string; read: () => number }>();

  /** A revision was made. */
  readonly published = this.counter('gatehouse_api_publishes_total', 'Revisions made.');

  request(route: string, status: number, ms: number): void {
    let seen = this.#requests.get(route);
    if (!seen)
      this.#requests.set(
        route,
        (seen = { counts: new Array<number>(BUCKETS_MS.length + 1).fill(0), sum: 0, total: 0 }),
      );
    let bucket = 0;
    while (bucket < BUCKETS_MS.length && ms > BUCKETS_MS[bucket]!) bucket++;
    seen.counts[bucket]!++;
    seen.sum += ms;
    seen.total++;
    const key = `route="${route}",status="${status}"`;
    this.#statuses.set(key, (this.#statuses.get(key) ?? 0) + 1);
  }

  counter(name: string, help: string): () => void {
    const counter = { help, value: 0 };
    this.#counters.set(name, counter);
    return () => void counter.value++;
  }

  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.set(name, { help, read });
  }

  render(): string {
    const lines = [
      '# HELP gatehouse_api_requests_total Requests answered.',
      '# TYPE gatehouse_api_requests_total counter',
    ];
    for (const [labels, count] of this.#statuses) lines.push(`gatehouse_api_requests_total{${labels}} ${count}`);
    lines.push(
      '# HELP gatehouse_api_request_seconds Time to answer.',
      '# TYPE gatehouse_api_request_seconds histogram',
    );
    for (const [route, { counts, sum, total }] of this.#requests) {
      let below = 0;
      BUCKETS_MS.forEach((le, index) => {
        below += counts[index]!;
        lines.push(`gatehouse_api_request_seconds_bucket{route="${route}",le="${le / 1000}"} ${below}`);
      });
      lines.push(`gatehouse_api_request_seconds_bucket{route="${route}",le="+Inf"} ${total}`);
      lines.push(
        `gatehouse_api_request_seconds_sum{route="${route}"} ${sum / 1000}`,
        `gatehouse_api_request_seconds_count{route="${route}"} ${total}`,
      );
    }
    for (const [name, { help, value }] of this.#counters)
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`, `${name} ${value}`);
    for (const [name, { help, read }] of this.#gauges)
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${read()}`);
    return `${lines.join('\n')}\n`;
  }
}
