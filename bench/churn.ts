import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Control } from './control.ts';
import type { Processes } from './processes.ts';
import { createTenant } from './seed.ts';
import { type Each, residents, type Stack, startStack } from './stack.ts';
import { round } from './statistics.ts';
import { firstAnswer } from './visitor.ts';
import { routeSpec, tenantName } from './workload.ts';

export interface ChurnOptions {
  binary: string;
  /** Tenants that exist at any time. */
  tenants: number;
  /** Number of changes: each creation, change and deletion of a tenant counts as one. */
  changes: number;
}

interface Sizes {
  rss_mb: Each;
  files_mb: { sql: number; replica: number };
}

export interface ChurnResult {
  tenants: number;
  changes: number;
  changes_per_s: number;
  at_a_tenth: Sizes;
  at_the_end: Sizes;
  growth_percent: Each;
}

const WRITERS = 16;
/** One new tenant in every so many gets a request, so that Envoy also loads and removes hosts. */
const VISITED = 4;

/** Creates, changes and deletes tenants. Measures each process and file after a tenth of the changes, and at the end. */
export async function churn({ binary, tenants, changes }: ChurnOptions, processes: Processes): Promise<ChurnResult> {
  const stack = await startStack({ binary, tenants, https: false }, processes);
  // Each round creates one, changes one and deletes one.
  const rounds = Math.ceil(changes / 3);
  const tenthOf = Math.ceil(rounds / 10);
  const alive = Array.from({ length: tenants }, (_, index) => tenantName(index));
  const started = performance.now();
  await turnOver(stack, { first: tenants, end: tenants + tenthOf, alive }, processes.signal);
  const tenth = sizes(stack, processes.folder);
  await turnOver(stack, { first: tenants + tenthOf, end: tenants + rounds, alive }, processes.signal);
  const seconds = (performance.now() - started) / 1000;
  const end = sizes(stack, processes.folder);
  const growth = (of: keyof Each) => round((end.rss_mb[of] / tenth.rss_mb[of] - 1) * 100, 1);
  return {
    tenants,
    changes,
    changes_per_s: Math.round((rounds * 3) / seconds),
    at_a_tenth: tenth,
    at_the_end: end,
    growth_percent: { api: growth('api'), agent: growth('agent'), envoy: growth('envoy') },
  };
}

/** Creates new tenants, each in place of the oldest of those `alive`, and returns when Envoy serves the newest. */
async function turnOver(
  { api, publicPort }: Stack,
  { first, end, alive }: { first: number; end: number; alive: string[] },
  signal: AbortSignal,
): Promise<void> {
  let next = first;
  const write = async () => {
    const control = await api.connect();
    try {
      while (next < end) {
        signal.throwIfAborted();
        const index = next++;
        const tenant = tenantName(index);
        await createTenant(control, tenant, undefined);
        await change(control, tenant);
        if (index % VISITED === 0) await firstAnswer(tenant, 'v1', publicPort);
        alive.push(tenant);
        await control.request('DELETE', `/v1/tenants/${alive.shift()}`);
      }
    } finally {
      control.close();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  await firstAnswer(alive.at(-1)!, 'v1', publicPort);
}

const change = (control: Control, tenant: string) =>
  control.request('PUT', `/v1/tenants/${tenant}/routes/main`, routeSpec(tenant, 'v1'));

function sizes(stack: Stack, folder: string): Sizes {
  const megabytes = (...path: string[]) =>
    round(
      ['', '-wal'].reduce(
        (sum, suffix) => sum + (statSync(join(folder, ...path) + suffix, { throwIfNoEntry: false })?.size ?? 0),
        0,
      ) / 1e6,
      1,
    );
  return {
    rss_mb: residents(stack),
    files_mb: { sql: megabytes('api.sqlite'), replica: megabytes('agent', 'replica.sqlite') },
  };
}
