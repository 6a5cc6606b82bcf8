import { ApiProcess } from './api-process.ts';
import type { StoreKind } from './database.ts';
import { type HugeResult, huge } from './huge.ts';
import type { Load, LoadResult } from './load.ts';
import { freePort } from './ports.ts';
import type { Processes } from './processes.ts';
import { createFleet, seed } from './seed.ts';

export interface ApiOptions {
  writers: number;
  seconds: number;
  /** Of the huge tenant. */
  routes: number;
  store: StoreKind;
  /** API processes on one database. */
  processes: number;
}

export interface ApiResult {
  store: StoreKind;
  processes: number;
  writers: number;
  reads: LoadResult & { api_cpu: number };
  publishes: LoadResult & { api_cpu: number };
  huge: HugeResult;
  rss_mb: { api: number };
}

/** Measures reads, and publishes that are on disk when they are acknowledged. Each writer has its own tenant. */
export async function api(
  { writers, seconds, routes, store, processes: count }: ApiOptions,
  processes: Processes,
): Promise<ApiResult> {
  const process = await ApiProcess.start(processes, { store, count });
  const control = await process.connect();
  await createFleet(control, { http: await freePort(), https: await freePort() });
  control.close();
  await seed(process, { first: 0, end: writers, signal: processes.signal });
  const load = (kind: Load['kind'], round: number) =>
    measured(process, processes, { ports: process.ports, token: process.token, kind, writers, seconds, round });
  const publishes = await load('publish', 1);
  const reads = await load('read', 2);
  // Before the huge tenant exists, because it slows down the others.
  const rss = process.residentMb();
  return {
    store,
    processes: count,
    writers,
    reads,
    publishes,
    huge: await huge(process, routes),
    rss_mb: { api: rss },
  };
}

/**
 * Puts a load on the API. Resolves to the result of the load, and the number of CPU cores that the API used meanwhile.
 */
async function measured(api: ApiProcess, processes: Processes, load: Load): Promise<LoadResult & { api_cpu: number }> {
  const before = { cpu: api.cpuMs(), at: performance.now() };
  const child = processes.startNode(`load-${load.kind}`, 'bench/load.ts', { BENCH_LOAD: JSON.stringify(load) });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`the load failed:\n${child.lastLines.join('\n')}`);
  const share = (api.cpuMs() - before.cpu) / (performance.now() - before.at);
  return { ...(JSON.parse(child.lastLines.at(-1)!) as LoadResult), api_cpu: Number(share.toFixed(2)) };
}
