import { setTimeout as pause } from 'node:timers/promises';
import { type Breakdown, breakdown, type Journey } from './breakdown.ts';
import { cold } from './cold.ts';
import type { Control } from './control.ts';
import type { StoreKind } from './database.ts';
import { floor } from './floor.ts';
import { MutualHosts } from './mtls.ts';
import type { Processes } from './processes.ts';
import { createTenant } from './seed.ts';
import { cpuTimes, type Each, residents, type Stack, startStack } from './stack.ts';
import { type Quantiles, quantiles, round } from './statistics.ts';
import { clockMs } from './trace.ts';
import { firstAnswer, Visitor } from './visitor.ts';
import { hostName, routeSpec, tenantName } from './workload.ts';

export interface LiveOptions {
  binary: string;
  tenants: number;
  changes: number;
  https: boolean;
  store?: StoreKind;
  /** API processes on one database; writes go to each in turn. */
  processes?: number;
  /** Hosts whose clients must show a certificate, in place while everything else is measured. */
  mtls?: number;
  /** Show the time of each stage. */
  breakdown?: boolean;
}

export interface LiveResult {
  tenants: number;
  https: boolean;
  store: StoreKind;
  processes: number;
  put_to_live_ms: Quantiles;
  breakdown_ms?: Breakdown;
  floor_ms: Quantiles;
  new_tenant_ms: Quantiles;
  rss_mb: Each;
  cpu_ms_per_change: Each;
  cold_s: Each;
  /** With {@link LiveOptions.mtls}: how many there were, the time of one more, and the connections that it closed. */
  mtls_hosts?: number;
  new_mtls_host_ms?: Quantiles;
  mtls_closed_connections?: number;
}

/** Tenants that are changed; more would only measure how Envoy loads cold hosts. */
const SAMPLE = 50;
/** The number of first changes that are not measured, because the JIT compilers of API and agent warm up. */
const WARM_UP = 20;
const NEW_TENANTS = 50;

/** Starts everything with so many tenants, and measures the time until a change is seen through Envoy. */
export async function live(options: LiveOptions, processes: Processes): Promise<LiveResult> {
  const { tenants, changes, https, binary, store = 'sqlite', processes: count = 1 } = options;
  processes.isTraced = options.breakdown === true;
  const stack = await startStack({ binary, tenants, https, store, count }, processes);
  const controls = await Promise.all(stack.api.ports.map(() => stack.api.connect()));
  const mutual = options.mtls && (await MutualHosts.create(stack, controls[0]!, options.mtls));
  const sample = Array.from({ length: Math.min(SAMPLE, tenants) }, () =>
    tenantName(Math.floor(Math.random() * tenants)),
  );
  const writer = new Writer(controls, stack, sample);
  for (let change = 0; change < Math.min(WARM_UP, changes); change++) await writer.toLive();
  const journeys: Journey[] = [];
  for (let change = 0; change < changes; change++) journeys.push(await writer.toLive());
  const cpu = await cpuPerChange(writer, stack, changes);
  const newTenant: number[] = [];
  for (let extra = 0; extra < Math.min(NEW_TENANTS, changes); extra++)
    newTenant.push(await newTenantToLive(controls[extra % controls.length]!, stack, tenantName(tenants + extra)));
  const added = mutual && (await mutual.add(Math.min(NEW_TENANTS, changes)));
  const rss = residents(stack);
  for (const control of controls) control.close();
  const bare = await floor(binary, changes, processes);
  return {
    tenants,
    https,
    store,
    processes: count,
    put_to_live_ms: quantiles(journeys.map(({ sent, seen }) => seen - sent)),
    ...(options.breakdown && { breakdown_ms: await breakdown(processes.folder, journeys) }),
    floor_ms: quantiles(bare),
    new_tenant_ms: quantiles(newTenant),
    rss_mb: rss,
    cpu_ms_per_change: cpu,
    cold_s: await cold(stack),
    ...(added && {
      mtls_hosts: options.mtls!,
      new_mtls_host_ms: quantiles(added.toLive),
      mtls_closed_connections: added.closed,
    }),
  };
}

/** Changes the routes of tenants whose hosts Envoy has loaded. */
class Writer {
  readonly #controls: readonly Control[];
  readonly #stack: Stack;
  readonly #sample: readonly string[];
  #version = 0;

  constructor(controls: readonly Control[], stack: Stack, sample: readonly string[]) {
    this.#controls = controls;
    this.#stack = stack;
    this.#sample = sample;
  }

  /** From sending the PUT to the first response that shows the change. */
  async toLive(): Promise<Journey> {
    const { tenant, version, control, request } = this.#next();
    const visitor = await Visitor.to(hostName(tenant), this.#stack.publicPort);
    try {
      await visitor.visit();
      const sent = clockMs();
      const written = control.send(request);
      const seen = visitor.sees(version).then(clockMs);
      await written;
      return { tenant, sent, seen: await seen };
    } finally {
      visitor.close();
    }
  }

  /** Writes a change without waiting for its effect. @returns the version to wait for */
  async write(): Promise<{ tenant: string; version: string }> {
    const { tenant, version, control, request } = this.#next();
    await control.send(request);
    return { tenant, version };
  }

  #next() {
    const tenant = this.#sample[Math.floor(Math.random() * this.#sample.length)]!;
    const version = `v${++this.#version}`;
    const path = `/v1/tenants/${tenant}/routes/main`;
    const control = this.#controls[this.#version % this.#controls.length]!;
    return { tenant, version, control, request: control.encode('PUT', path, routeSpec(tenant, version)) };
  }
}

/** CPU time of each process, without a visitor whose requests would be counted too. */
async function cpuPerChange(writer: Writer, stack: Stack, changes: number): Promise<Each> {
  const before = cpuTimes(stack);
  let last = await writer.write();
  for (let change = 1; change < changes; change++) {
    await pause(2);
    last = await writer.write();
  }
  await firstAnswer(last.tenant, last.version, stack.publicPort);
  const after = cpuTimes(stack);
  const each = (of: keyof Each) => round((after[of] - before[of]) / changes);
  return { api: each('api'), agent: each('agent'), envoy: each('envoy') };
}

/**
 * From the request that creates the tenant to the first response of its host, including both writes and the handshake.
 */
async function newTenantToLive(control: Control, stack: Stack, tenant: string): Promise<number> {
  const certificate = stack.issuer?.issue(tenant);
  const sent = performance.now();
  await createTenant(control, tenant, certificate);
  return (await firstAnswer(tenant, 'v0', stack.publicPort)) - sent;
}
