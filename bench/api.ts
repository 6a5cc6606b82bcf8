import { ApiProcess } from './api-process.ts';
import { type HugeResult, huge } from './huge.ts';
import type { Load, LoadResult } from './load.ts';
import { freePort } from './ports.ts';
import type { Processes } from './processes.ts';
import { createFleet, seed } from './seed.ts';
import { cpuMs, residentMb } from './usage.ts';

export interface ApiOptions {
  writers: number;
  seconds: number;
  /** Of the huge tenant. */
  routes: number;
}

export interface ApiResult {
  writers: number;
  reads: LoadResult & { api_cpu: number };
  publishes: LoadResult & { api_cpu: number };
  huge: HugeResult;
  rss_mb: { api: number };
}

/** What the API takes: reads, and publishes that are on disk when they are acknowledged, each writer on a tenant of its own. */
export async function api({ writers, seconds, routes }: ApiOptions, processes: Processes): Promise<ApiResult> {
  const process = await ApiProcess.start(processes);
  const control = await process.connect();
  await createFleet(control, { http: await freePort(), https: await freePort() });
  control.close();
  await seed(process, { first: 0, end: writers, signal: processes.signal });
  const load = (kind: Load['kind'], round: number) =>
    measured(process, processes, { port: process.port, token: process.token, kind, writers, seconds, round });
  const publishes = await load('publish', 1);
  const reads = await load('read', 2);
  // Before the huge tenant: that one is to be had for a price.
  const rss = residentMb(process.pid);
  return { writers, reads, publishes, huge: await huge(process, routes), rss_mb: { api: rss } };
}

/** Cores' worth of CPU the API took beside what it did. */
async function measured(api: ApiProcess, processes: Processes, load: Load): Promise<LoadResult & { api_cpu: number }> {
  const before = { cpu: cpuMs(api.pid), at: performance.now() };
  const child = processes.startNode(`load-${load.kind}`, 'bench/load.ts', { BENCH_LOAD: JSON.stringify(load) });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`the load failed:\n${child.lastLines.join('\n')}`);
  const share = (cpuMs(api.pid) - before.cpu) / (performance.now() - before.at);
  return { ...(JSON.parse(child.lastLines.at(-1)!) as LoadResult), api_cpu: Number(share.toFixed(2)) };
}
