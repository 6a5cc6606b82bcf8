import { expect, inject, test } from 'vitest';
import { until } from '../e2e/process.ts';
import { type ApiProcess, startProcess } from './processes.ts';
import { copyOf } from './server.ts';

const INTERVAL_MS = 1_000;
const RUNS = /gatehouse_api_job_runs_total\{job="prune-feeds",outcome="(\w+)"\} (\d+)/g;

/** How often a process ran the job, by outcome. */
async function runsOf({ url }: ApiProcess): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Object.fromEntries([...text.matchAll(RUNS)].map(([, outcome, count]) => [outcome, Number(count)]));
}

test('three processes together run a job once per interval, and go on when one of them dies', async () => {
  const migrated = new URL(inject('postgres')!);
  migrated.pathname = '/template1';
  const url = await copyOf(migrated.href);
  const began = Date.now();
  const settings = { GATEHOUSE_FEED_PRUNE: String(INTERVAL_MS) };
  const apis = await Promise.all([1, 2, 3].map(() => startProcess(url, settings)));
  const total = async (of: ApiProcess[]) => {
    const all = await Promise.all(of.map(runsOf));
    expect(all.flatMap((runs) => runs.failed ?? [])).toEqual([]);
    return all.reduce((sum, { succeeded = 0 }) => sum + succeeded, 0);
  };
  await until('five runs', async () => (await total(apis)) >= 5);
  const runs = await total(apis);
  // A run is due a tenth of its interval early.
  expect(runs).toBeLessThanOrEqual((Date.now() - began) / (INTERVAL_MS * 0.9) + 1);

  const [first, ...others] = apis as [ApiProcess, ...ApiProcess[]];
  await first.stop('SIGKILL');
  const before = await total(others);
  await until('a run after the death', async () => (await total(others)) > before, 90_000);
  await Promise.all(others.map((api) => api.stop()));
});
