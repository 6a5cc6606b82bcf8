import type { PeerResult } from './measure.ts';

const FIGURES: [string, (result: PeerResult) => number][] = [
  ['PUT → live p50 ms', (result) => result.put_to_live_ms.p50],
  ['PUT → live p99 ms', (result) => result.put_to_live_ms.p99],
  ['new tenant p50 ms', (result) => result.new_tenant_ms.p50],
  ['CPU ms a change', (result) => result.cpu_ms_per_change],
  ['RSS MB', (result) => result.rss_mb],
  ['cold s', (result) => result.cold_s],
];

/** One row per peer and number of tenants. Behind each figure is its ratio to Gatehouse's. */
export function peersTable(results: readonly PeerResult[]): { head: string[]; rows: string[][] } {
  const head = ['tenants', 'peer', ...FIGURES.map(([name]) => name)];
  const sorted = [...results].sort((a, b) => a.tenants - b.tenants);
  const rows = sorted.map((result) => {
    const ours = sorted.find(({ peer, tenants }) => peer === 'Gatehouse' && tenants === result.tenants);
    const figures = FIGURES.map(([, of]) => withRatio(of(result), ours && ours !== result ? of(ours) : undefined));
    return [String(result.tenants), result.peer, ...figures];
  });
  return { head, rows };
}

function withRatio(value: number, ours: number | undefined): string {
  if (!ours) return String(value);
  const ratio = value / ours;
  return `${value} (×${ratio < 100 ? ratio.toPrecision(2) : ratio.toFixed(0)})`;
}

export function printPeers(results: readonly PeerResult[]): void {
  const { head, rows } = peersTable(results);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  for (const row of [head, ...rows])
    console.log(
      row.map((cell, column) => (column === 1 ? cell.padEnd : cell.padStart).call(cell, widths[column]!)).join('  '),
    );
}
