import { setTimeout as pause } from 'node:timers/promises';
import type { Processes } from './processes.ts';
import { visitAll } from './restarts.ts';
import { type Stack, startStack } from './stack.ts';
import { quantiles, round } from './statistics.ts';
import { residentMb } from './usage.ts';
import { Visitor } from './visitor.ts';
import { hostName, tenantName } from './workload.ts';

export interface EvictionOptions {
  binary: string;
  tenants: number;
  /** Tenants that get one request each. */
  active: number;
  /** Seconds without a request until a host is evicted. */
  idle: number;
  https: boolean;
}

export interface EvictionResult {
  tenants: number;
  active: number;
  /** Tenants that get requests during the whole run. */
  busy: number;
  https: boolean;
  /** From the first cluster gone to the last. */
  evicted_s: number;
  /** Of the busy hosts' visitors, and of all visitors of the hosts that came back. */
  errors: number;
  /** Of a visit to a busy host, in the time without eviction and with it. */
  visit_ms: { before: Percentiles; meanwhile: Percentiles };
  again_hosts_per_s: number;
  envoy_mb: { idle: number; active: number; evicted: number; again: number };
}

type Percentiles = ReturnType<typeof quantiles>;

const BUSY = 100;
const VISIT_EVERY_MS = 2;
/** Longest wait for the first eviction. */
const BASELINE_MS = 3_000;

/** Sends one request to each of many hosts, and continuous requests to a few. The many are evicted, then all get requests again. */
export async function eviction(options: EvictionOptions, processes: Processes): Promise<EvictionResult> {
  const { tenants, https, idle } = options;
  const active = Math.min(options.active, tenants);
  const busy = Math.min(BUSY, Math.ceil(active / 10));
  const stack = await startStack({ ...options, idle: idle * 1000 }, processes);
  const memory = () => residentMb(stack.envoy.pid);
  const before = memory();
  const warm = await visitAll(stack, active);
  const loaded = memory();
  const regulars = await Regulars.come(stack, busy);
  await pause(Math.min(BASELINE_MS, idle * 500));
  const quiet = regulars.take();
  const seconds = await evicted(stack, { from: active, to: busy, patience: 3 * idle });
  const meanwhile = regulars.take();
  const after = memory();
  const again = await visitAll(stack, active);
  const errors = warm.errors + again.errors + (await regulars.leave());
  return {
    tenants,
    active,
    busy,
    https,
    evicted_s: round(seconds),
    errors,
    visit_ms: { before: quantiles(quiet), meanwhile: quantiles(meanwhile) },
    again_hosts_per_s: again.perSecond,
    envoy_mb: { idle: before, active: loaded, evicted: after, again: memory() },
  };
}

/** Waits until Envoy has only the clusters of the busy hosts and of its agent. */
async function evicted({ envoy }: Stack, { from, to, patience }: { from: number; to: number; patience: number }) {
  const started = performance.now();
  for (let first = 0; performance.now() - started < patience * 1000; await pause(50)) {
    const clusters = (await envoy.gauge('cluster_manager.active_clusters')) - 1;
    if (clusters < from) first ||= performance.now();
    if (clusters <= to) return (performance.now() - first) / 1000;
  }
  throw new Error(`idle hosts were not evicted within ${patience} s`);
}

/** Visitors with lasting connections, one per host; they send requests in turn. */
class Regulars {
  readonly #visitors: Visitor[];
  readonly #visiting: Promise<void>;
  #times: number[] = [];
  #errors = 0;
  #over = false;

  private constructor(visitors: Visitor[]) {
    this.#visitors = visitors;
    this.#visiting = this.#visit();
  }

  static async come({ publicPort }: Stack, count: number): Promise<Regulars> {
    return new Regulars(
      await Promise.all(
        Array.from({ length: count }, (_, index) => Visitor.to(hostName(tenantName(index)), publicPort)),
      ),
    );
  }

  /** Milliseconds of each visit since the last call. */
  take(): number[] {
    return this.#times.splice(0);
  }

  /** @returns how many visits were not answered with 200 */
  async leave(): Promise<number> {
    this.#over = true;
    await this.#visiting;
    for (const visitor of this.#visitors) visitor.close();
    return this.#errors;
  }

  async #visit(): Promise<void> {
    for (let turn = 0; !this.#over; turn++) {
      const started = performance.now();
      const { status } = await this.#visitors[turn % this.#visitors.length]!.visit();
      this.#times.push(performance.now() - started);
      if (status !== 200) this.#errors++;
      await pause(VISIT_EVERY_MS);
    }
  }
}
