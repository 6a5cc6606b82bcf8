import { setTimeout as pause } from 'node:timers/promises';
import type { Processes } from '../processes.ts';
import { type Quantiles, quantiles, round } from '../statistics.ts';
import { groupsCpuMs, groupsMb } from '../usage.ts';
import { tenantName } from '../workload.ts';
import type { Peer, Running } from './peer.ts';
import { LIMIT_MS, Probe } from './probe.ts';

export interface PeerResult {
  peer: string;
  version: string;
  tenants: number;
  /** Number of changes measured within the budget. */
  changes: number;
  /** A change that took longer than the limit counts with the limit as its time. */
  put_to_live_ms: Quantiles;
  new_tenant_ms: Quantiles;
  /** The CPU time of all processes of the peer. */
  cpu_ms_per_change: number;
  rss_mb: number;
  /** The time from the start of the peer until it serves the first and the last tenant, in seconds. */
  cold_s: number;
}

export interface Budget {
  /** Number of changes of each kind. */
  changes: number;
  /** Time limit for all changes of one kind, in seconds; at least one change is measured. */
  seconds: number;
}

/** Number of tenants that are changed, as in `live`. */
const SAMPLE = 50;
/** The number of first changes that are not measured, because JIT compilers warm up. */
const WARM_UP = 10;

/** Measures the workload of `live` on any peer. */
export async function measure(
  peer: Peer,
  { version, tenants, budget }: { version: string; tenants: number; budget: Budget },
  processes: Processes,
): Promise<PeerResult> {
  const running = await peer.open(tenants, processes);
  const subject = new Subject(running, tenants, processes.signal);
  await subject.served();
  await repeat({ ...budget, changes: Math.min(WARM_UP, budget.changes), seconds: budget.seconds / 4 }, () =>
    subject.change(),
  );
  const putToLive = await repeat(budget, () => subject.change());
  const cpu = await subject.cpuPerChange(budget);
  const newTenant = await repeat(budget, () => subject.create());
  // After this pause, processes that a reload replaced have ended.
  await pause(1000);
  const rss = groupsMb(running.groups());
  return {
    peer: peer.name,
    version,
    tenants,
    changes: putToLive.length,
    put_to_live_ms: quantiles(putToLive),
    new_tenant_ms: quantiles(newTenant),
    cpu_ms_per_change: cpu,
    rss_mb: rss,
    cold_s: await subject.cold(),
  };
}

async function repeat({ changes, seconds }: Budget, one: () => Promise<number>): Promise<number[]> {
  const samples: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (samples.length < changes && (samples.length === 0 || performance.now() < end))
    samples.push(Math.min(await one(), LIMIT_MS));
  return samples;
}

class Subject {
  readonly #running: Running;
  readonly #signal: AbortSignal;
  readonly #tenants: number;
  readonly #sample: string[];
  readonly #versions = new Map<string, string>();
  #changes = 0;
  #created = 0;

  constructor(running: Running, tenants: number, signal: AbortSignal) {
    this.#running = running;
    this.#signal = signal;
    this.#tenants = tenants;
    this.#sample = Array.from({ length: Math.min(SAMPLE, tenants) }, () =>
      tenantName(Math.floor(Math.random() * tenants)),
    );
  }

  /** Milliseconds from sending a change to the peer until the first response that shows it. */
  change(rest = 0): Promise<number> {
    const tenant = this.#sample[this.#changes % this.#sample.length]!;
    return this.#probing(tenant, async (probe) => {
      // The first request loads the host in the proxy. That time is not part of this measurement.
      await probe.sees(this.#versions.get(tenant) ?? 'v0');
      const version = `v${++this.#changes}`;
      this.#versions.set(tenant, version);
      const sent = performance.now();
      const [seen] = await Promise.all([probe.sees(version, rest), this.#running.put(tenant, version)]);
      return seen - sent;
    });
  }

  create(): Promise<number> {
    const tenant = tenantName(this.#tenants + this.#created++);
    return this.#probing(tenant, async (probe) => {
      const sent = performance.now();
      const [seen] = await Promise.all([probe.sees('v0'), this.#running.create(tenant)]);
      return seen - sent;
    });
  }

  /** Probes only every 5 ms, because the CPU time of probes counts too. */
  async cpuPerChange({ changes, seconds }: Budget): Promise<number> {
    const before = groupsCpuMs(this.#running.groups());
    const { length } = await repeat({ changes, seconds }, () => this.change(5));
    return round((groupsCpuMs(this.#running.groups()) - before) / length);
  }

  /**
   * Waits until the first and the last tenant are served, at any version. Peers that keep changes only in memory
   * restart at v0.
   */
  async served(): Promise<void> {
    for (const index of new Set([0, this.#tenants - 1])) {
      const tenant = tenantName(index);
      const seen = await this.#probing(tenant, (probe) => probe.sees(undefined));
      if (!Number.isFinite(seen)) throw new Error(`${tenant} was not served within ${LIMIT_MS} ms`);
    }
  }

  async cold(): Promise<number> {
    await this.#running.stop();
    const started = performance.now();
    await this.#running.start();
    await this.served();
    return round((performance.now() - started) / 1000);
  }

  async #probing<T>(tenant: string, use: (probe: Probe) => Promise<T>): Promise<T> {
    const probe = new Probe(tenant, { publicPort: this.#running.publicPort, signal: this.#signal });
    try {
      return await use(probe);
    } finally {
      probe.close();
    }
  }
}
