import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFile } from '../../cli/process/project-file.ts';
import type { ApiResult } from '../api.ts';
import type { StoreKind } from '../database.ts';
import type { DatapathResult } from '../datapath/index.ts';
import type { LiveResult } from '../live.ts';
import type { PeerResult } from '../peers/measure.ts';
import { peersTable } from '../peers/table.ts';
import { type Saved, saved } from '../results.ts';
import { type Chart, draw, type Series } from './chart.ts';
import { Machines } from './machines.ts';

const PAGE = projectFile('docs/benchmarks.md');
const CHARTS = projectFile('docs/benchmarks');

/** The lines of one section of the page; empty when no result for it was saved. */
type Section = (all: Saved[], machines: Machines) => string[];

/** Writes the page from the saved results. */
export function report(): void {
  const all = saved();
  if (all.length === 0) throw new Error('nothing is saved: measure with --save first');
  const machines = new Machines(all);
  const sections: Section[] = [introduction, livePart, apiPart, peersPart, datapathPart, restPart, repeatPart];
  writeFileSync(PAGE, sections.flatMap((section) => section(all, machines)).join('\n'));
}

function introduction(all: Saved[], machines: Machines): string[] {
  const last = all.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1)!;
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- report` from `bench/results/`. All programs, including the load generator, are separate processes on one machine: API,',
    'agent, a real Envoy with one worker, SQLite with `synchronous=FULL`. Times are measured by a client that sends requests through Envoy.',
    '',
    `${machines.list} Node ${last.node}, Envoy ${last.envoy}. Last measured ${last.at.slice(0, 10)} at \`${last.commit}\`.`,
    '',
  ];
}

/** The latest result per key. */
function latest<T>(all: Saved[], command: string, key: (result: T) => string): T[] {
  const found = new Map<string, T>();
  for (const { command: of, result } of all) if (of === command) found.set(key(result as T), result as T);
  return [...found.values()];
}

function livePart(all: Saved[], machines: Machines): string[] {
  const rows = latest<LiveResult>(all, 'live', (row) => `${row.tenants} ${row.https} ${placeOf(row)}`);
  if (rows.length === 0) return [];
  const series = [false, true].flatMap((https) =>
    liveSeries(rows.filter((row) => row.https === https && placeOf(row) === '')),
  );
  const cells = rows
    .toSorted((a, b) => a.tenants - b.tenants)
    .map((row) => [
      `${row.tenants}${row.https ? ', HTTPS' : ''}${placeOf(row)}${machines.on(row)}`,
      pair(row.put_to_live_ms),
      pair(row.floor_ms),
      pair(row.new_tenant_ms),
      each(row.rss_mb),
      each(row.cpu_ms_per_change),
      each(row.cold_s),
    ]);
  return [
    '## From PUT to live',
    '',
    chart('live', { title: 'PUT → live through Envoy', x: 'tenants', y: 'ms', series }),
    '',
    ...table(
      [
        'tenants',
        'PUT → live p50 / p99 ms',
        "Envoy's floor",
        'new tenant',
        'RSS MB API / agent / Envoy',
        'CPU ms per change',
        'cold s',
      ],
      cells,
    ),
  ];
}

/**
 * The store and the number of processes, if it is not one process on SQLite. Early results have neither member, because
 * SQLite was the only store.
 */
const placeOf = ({ store = 'sqlite', processes = 1 }: { store?: StoreKind; processes?: number }): string =>
  store === 'sqlite' ? '' : `, ${store}, ${processes} API ${processes === 1 ? 'process' : 'processes'}`;

function liveSeries(rows: LiveResult[]): Series[] {
  if (rows.length === 0) return [];
  const name = rows[0]!.https ? 'HTTPS' : 'HTTP';
  const points = (of: (row: LiveResult) => number) => rows.map((row): [number, number] => [row.tenants, of(row)]);
  return [
    { name: `${name}, p50`, points: points((row) => row.put_to_live_ms.p50), ours: true },
    { name: `${name}, p99`, points: points((row) => row.put_to_live_ms.p99), ours: true, dashed: true },
    { name: `${name}, new tenant p50`, points: points((row) => row.new_tenant_ms.p50) },
    { name: `Envoy's floor, p50`, points: points((row) => row.floor_ms.p50) },
    { name: `Envoy's floor, p99`, points: points((row) => row.floor_ms.p99), dashed: true },
  ];
}

function peersPart(all: Saved[], machines: Machines): string[] {
  const results = latest<PeerResult>(all, 'peers', ({ peer, tenants }) => `${peer} ${tenants}`);
  if (results.length === 0) return [];
  const { head, rows } = peersTable(results);
  const versions = [...new Set(results.map(({ peer, version }) => `${peer.split(' ')[0]} ${version}`))];
  const most = Math.max(...results.map(({ tenants }) => tenants));
  const floors = latest<LiveResult>(all, 'live', (row) => `${row.tenants} ${row.https} ${placeOf(row)}`)
    .filter((row) => !row.https && placeOf(row) === '' && row.tenants <= most)
    .map(({ tenants, floor_ms }): [number, number] => [tenants, floor_ms.p50]);
  const floor = { name: "Envoy's floor, p50", points: floors, dashed: true };
  const drawn = (name: string, title: string, of: (result: PeerResult) => number) =>
    chart(name, { title, x: 'tenants', y: 'ms', series: [...peerSeries(results, of), floor] });
  return [
    `## Comparison with other servers${machines.on(results[0]!)}`,
    '',
    'The same hosts, ten rules each, the same change, the same probe. go-control-plane holds tenants in memory, with no API, checks or',
    'database, and loses them with its process; it serves a real Envoy, with one small resource per tenant. Caddy is changed through',
    'its admin API; nginx and HAProxy by writing the one file of the tenant and reloading. CPU and memory are of all processes together.',
    `The factor in brackets is relative to Gatehouse. ${versions.join(', ')}.`,
    '',
    drawn('peers-live', 'PUT → live, p50', (result) => result.put_to_live_ms.p50),
    drawn('peers-live-p99', 'PUT → live, p99', (result) => result.put_to_live_ms.p99),
    drawn('peers-new', 'A new tenant, p50', (result) => result.new_tenant_ms.p50),
    '',
    ...table(head, rows),
  ];
}

function peerSeries(results: PeerResult[], of: (result: PeerResult) => number): Series[] {
  const names = [...new Set(results.map(({ peer }) => peer))];
  return names.map((name) => ({
    name: name.replace('go-control-plane', 'g-c-p'),
    ours: name === 'Gatehouse',
    points: results.filter(({ peer }) => peer === name).map((result) => [result.tenants, of(result)]),
  }));
}

function datapathPart(all: Saved[], machines: Machines): string[] {
  const result = latest<DatapathResult>(all, 'datapath', () => '').at(-1);
  if (!result) return [];
  const protocols = Object.entries(result.protocols).map(([name, { gatehouse, bare, ratio }]) => [
    name,
    `${gatehouse.per_s} / ${bare.per_s}`,
    String(ratio),
    `${gatehouse.ms.p99} / ${bare.ms.p99}`,
    `${gatehouse.cpu_us} / ${bare.cpu_us}`,
  ]);
  const filters = Object.entries(result.filters).map(([name, { cost_us, cpu_us_without, per_s_without }]) =>
    [name, cost_us, cpu_us_without, per_s_without].map(String),
  );
  return [
    `## Data path${machines.on(result)}`,
    '',
    'Requests through Gatehouse, and through an Envoy with one static route to the same upstream. Both are measured in turn, with one worker each.',
    '',
    ...table(['protocol', 'requests/s ours / bare', 'ratio', 'p99 ms', 'CPU µs per request'], protocols),
    'The cost of parts of the filter chain that a request does not use. Each row is the chain without one part, on a route with a direct response.',
    '',
    ...table(['without', 'cost µs', 'CPU µs per request without it', 'requests/s without it'], filters),
  ];
}

function apiPart(all: Saved[], machines: Machines): string[] {
  const results = latest<ApiResult>(all, 'api', placeOf);
  if (results.length === 0) return [];
  const rows = results.map((result) => [
    `SQLite${placeOf(result)}`.replace('SQLite, postgres', 'PostgreSQL') + machines.on(result),
    String(result.publishes.per_s),
    pair(result.publishes.ms),
    String(result.reads.per_s),
    pair(result.reads.ms),
    pair(result.huge.put_ms),
    String(result.rss_mb.api),
  ]);
  return [
    '## Throughput of the API',
    '',
    `${results[0]!.writers} connections, each for a different tenant. A write is on disk before it is acknowledged. The load generator runs on the same two cores.`,
    '',
    ...table(
      ['', 'publishes/s', 'p50 / p99 ms', 'reads/s', 'p50 / p99 ms', 'PUT of one route among thousands', 'RSS MB, API'],
      rows,
    ),
  ];
}

/** Commands without their own chart. */
function restPart(all: Saved[], machines: Machines): string[] {
  return ['burst', 'fanout', 'agents', 'churn', 'restarts', 'eviction', 'simulate'].flatMap((command) => {
    const result = latest<object>(all, command, () => '').at(-1);
    return result
      ? [`## \`${command}\`${machines.on(result)}`, '', '```json', JSON.stringify(result, undefined, 1), '```', '']
      : [];
  });
}

function repeatPart(all: Saved[]): string[] {
  const commands = [...new Set(all.map(({ args }) => `npm run bench -- ${args}`))];
  return ['## Repeat it', '', '```sh', 'npm ci', ...commands, 'npm run bench -- report', '```', ''];
}

function chart(name: string, content: Chart): string {
  mkdirSync(CHARTS, { recursive: true });
  writeFileSync(join(CHARTS, `${name}.svg`), draw(content));
  return `![${content.title}](benchmarks/${name}.svg)`;
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}

const pair = ({ p50, p99 }: { p50: number; p99: number }): string => `${p50} / ${p99}`;
const each = ({ api, agent, envoy }: { api: number; agent: number; envoy: number }): string =>
  `${api} / ${agent} / ${envoy}`;
