import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

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

it('measures PUT to live on everything real, one object a number of tenants', async () => {
  const measured = (tenants: number) => ({
    tenants,
    https: true,
    put_to_live_ms: quantiles,
    floor_ms: quantiles,
    new_tenant_ms: quantiles,
    rss_mb: each,
    cpu_ms_per_change: each,
    cold_s: each,
  });
  const results = await bench('live', '--tenants', '3,5', '--changes', '3', '--https', '--json');
  expect(results).toEqual([measured(3), measured(5)]);
});

it('measures one change on its way to many streams', async () => {
  expect(await bench('fanout', '--streams', '10', '--rounds', '2', '--json')).toEqual([
    {
      streams: 10,
      last_receipt_ms: quantiles,
      bytes_per_stream: { sent_per_change: expect.any(Number), agent_memory: expect.any(Number) },
      cpu_ms_per_change: { api: expect.any(Number), agent: expect.any(Number) },
    },
  ]);
});
