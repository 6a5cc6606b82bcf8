import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { breakdown } from '../../bench/breakdown.ts';
import { draw } from '../../bench/report/chart.ts';
import { simulate } from '../../bench/simulate.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

async function bench(...args: string[]): Promise<unknown[]> {
  const { stdout } = await run(process.execPath, ['bench/main.ts', ...args], { cwd: root, timeout: 150_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

const quantiles = { p50: expect.any(Number), p99: expect.any(Number) };
const each = { api: expect.any(Number), agent: expect.any(Number), envoy: expect.any(Number) };

it('measures PUT to live with real programs, and prints one object per number of tenants', async () => {
  const stages = 'request auth parse check commit wake pull store compile encode push envoy'.split(' ');
  const measured = (tenants: number) => ({
    tenants,
    https: true,
    store: 'sqlite',
    processes: 1,
    put_to_live_ms: quantiles,
    breakdown_ms: Object.fromEntries(stages.map((stage) => [stage, quantiles])),
    floor_ms: quantiles,
    new_tenant_ms: quantiles,
    rss_mb: each,
    cpu_ms_per_change: each,
    cold_s: each,
  });
  const results = await bench('live', '--tenants', '3,5', '--changes', '3', '--https', '--breakdown', '--json');
  expect(results).toEqual([measured(3), measured(5)]);
});

it('ends the stage of a milestone that was recorded late when the visitor sees the change', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-trace-'));
  writeFileSync(join(folder, 'api.trace'), '101 received t1\n104 committed t1\n');
  writeFileSync(join(folder, 'agent.trace'), '107 encoded t1\n112 pushed t1\n');
  const stages = await breakdown(folder, [{ tenant: 't1', sent: 100, seen: 110 }]);
  expect(stages).toMatchObject({ encode: { p50: 3 }, push: { p50: 3 }, envoy: { p50: 0 } });
  rmSync(folder, { recursive: true });
});

it('measures the memory that removed tenants leave behind', async () => {
  const sizes = { rss_mb: each, files_mb: { sql: expect.any(Number), replica: expect.any(Number) } };
  expect(await bench('churn', '--tenants', '5', '--changes', '60', '--json')).toEqual([
    {
      tenants: 5,
      changes: 60,
      changes_per_s: expect.any(Number),
      at_a_tenth: sizes,
      at_the_end: sizes,
      growth_percent: each,
    },
  ]);
});

it('measures a burst of changes during a flood of requests', async () => {
  const round = {
    put_to_live_ms: quantiles,
    answered_ms: quantiles,
    all_live_ms: expect.any(Number),
    cpu_ms_per_change: { ...each, load: expect.any(Number) },
  };
  expect(await bench('burst', '--tenants', '5', '--flood', '20', '--rounds', '2', '--json')).toEqual([
    {
      tenants: 5,
      flood_per_s: 20,
      first: round,
      next: round,
      flooded: { changes: expect.any(Number), pushed: expect.any(Number) },
      rss_mb: each,
    },
  ]);
});

it('measures what a decision about access costs', async () => {
  const kinds = ['operator', 'token', 'limited_token', 'member_of_100_tenants'];
  const costs = Object.fromEntries(kinds.map((kind) => [kind, expect.any(Number)]));
  expect(await bench('access', '--decisions', '1000', '--json')).toEqual([costs]);
});

it('measures restarts with lost disks and with all visitors returning at the same time', async () => {
  expect(await bench('restarts', '--tenants', '5', '--active', '3', '--json')).toEqual([
    {
      tenants: 5,
      active: 3,
      https: false,
      cold_s: each,
      agent_from_nothing: {
        first_tenant_s: expect.any(Number),
        complete_s: expect.any(Number),
        tenants_per_s: expect.any(Number),
      },
      rewarm: { errors: 0, hosts_per_s: expect.any(Number) },
      envoy_mb: { idle: expect.any(Number), active: expect.any(Number) },
      envoy_kb_per_active_tenant: expect.any(Number),
    },
  ]);
});

it('measures the eviction of idle hosts beside busy ones, and their next load', async () => {
  const idle = ['--tenants', '4', '--active', '4', '--idle', '2'];
  const megabytes = expect.any(Number);
  expect(await bench('eviction', ...idle, '--json')).toEqual([
    {
      tenants: 4,
      active: 4,
      busy: 1,
      https: false,
      evicted_s: expect.any(Number),
      errors: 0,
      visit_ms: { before: quantiles, meanwhile: quantiles },
      again_hosts_per_s: expect.any(Number),
      envoy_mb: { idle: megabytes, active: megabytes, evicted: megabytes, again: megabytes },
    },
  ]);
});

it.each([
  ['sqlite', '1', [1]],
  ['postgres', '1,2', [1, 2]],
] as const)('measures reads, publishes, and a route of a huge tenant on %s', async (store, processes, counts) => {
  const load = { per_s: expect.any(Number), ms: quantiles, api_cpu: expect.any(Number) };
  const place = ['--store', store, '--processes', processes];
  expect(await bench('api', ...place, '--writers', '2', '--seconds', '1', '--routes', '20', '--json')).toEqual(
    counts.map((count) => ({
      store,
      processes: count,
      writers: 2,
      reads: load,
      publishes: load,
      huge: { routes: 20, put_ms: quantiles },
      rss_mb: { api: expect.any(Number) },
    })),
  );
});

it('measures how one change reaches many agents, and how they reconnect', async () => {
  expect(await bench('agents', '--agents', '10', '--rounds', '2', '--json')).toEqual([
    {
      agents: 10,
      last_receipt_ms: quantiles,
      api_cpu_ms_per_change: expect.any(Number),
      storm: { last_agent_ms: expect.any(Number), put_ms: quantiles },
      rss_mb: { api: expect.any(Number) },
    },
  ]);
});

it('measures how one change reaches many streams', async () => {
  expect(await bench('fanout', '--streams', '10', '--rounds', '2', '--json')).toEqual([
    {
      streams: 10,
      last_receipt_ms: quantiles,
      bytes_per_stream: { sent_per_change: expect.any(Number), agent_memory: expect.any(Number) },
      cpu_ms_per_change: { api: expect.any(Number), agent: expect.any(Number) },
    },
  ]);
});

it('measures the selected peers with the same workload', async () => {
  const figures = { put_to_live_ms: quantiles, new_tenant_ms: quantiles, cpu_ms_per_change: expect.any(Number) };
  expect(await bench('peers', '--tenants', '2', '--changes', '2', '--only', 'gatehouse', '--json')).toEqual([
    {
      peer: 'Gatehouse',
      version: expect.any(String),
      tenants: 2,
      changes: 2,
      ...figures,
      rss_mb: expect.any(Number),
      cold_s: expect.any(Number),
    },
  ]);
});

it('simulates the same numbers every time, and reports when the API needs relays', () => {
  const figures = { publishes_per_s: 4000, send_us: 80, agent_mb_per_100k: 100, envoy_mb_per_100k: 150 };
  const options = { tenants: 1_000_000, regions: 100, agents: 20, rate: 50, figures };
  const result = simulate(options);
  expect(simulate(options)).toEqual(result);
  expect(result).toMatchObject({
    direct: { last_receipt_ms: 'never' },
    // The way to the farthest region is most of it.
    relays: { last_receipt_ms: { p50: expect.closeTo(150, -1.5) }, api_busy: 0.41 },
    each_node: { agent_mb: 1000, envoy_mb: 1500 },
  });
});

it('draws on logarithmic axes', () => {
  const series = [
    { name: 'Ours & <theirs>', points: [[100, 1] as [number, number], [10_000, 100] as [number, number]] },
  ];
  const svg = draw({ title: 'T', x: 'tenants', y: 'ms', series });
  // From corner to corner: two decades each way.
  expect(svg).toContain('<polyline points="64,388 560,48"');
  expect(svg).toContain('Ours &amp; &lt;theirs>');
});
