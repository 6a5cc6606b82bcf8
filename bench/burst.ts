import { setTimeout as pause } from 'node:timers/promises';
import type { Control } from './control.ts';
import { type Processes, until } from './processes.ts';
import { cpuTimes, type Each, residents, type Stack, startStack } from './stack.ts';
import { type Quantiles, quantiles, round } from './statistics.ts';
import { clockMs, readTrace } from './trace.ts';
import { firstAnswer } from './visitor.ts';
import { routeSpec, tenantName } from './workload.ts';

export interface BurstOptions {
  binary: string;
  /** Tenants that publish at once. */
  tenants: number;
  /** Changes per second of one more tenant, during the whole run. */
  flood: number;
  /** Bursts after the first one. */
  rounds: number;
}

export interface BurstResult {
  tenants: number;
  flood_per_s: number;
  /** The first burst, before the JavaScript engines of API and agent have compiled their code. */
  first: Round;
  /** The median of the bursts after it. */
  next: Round;
  /** Versions of the flooded host that were published, and that reached Envoy. */
  flooded: { changes: number; pushed: number };
  rss_mb: Each;
}

interface Round {
  /** Of the tenants that publish at once, as the agent's probes through Envoy see each of them. */
  put_to_live_ms: Quantiles;
  answered_ms: Quantiles;
  all_live_ms: number;
  /** Per change of the burst. The changes of the flood add work, but are not counted as changes. */
  cpu_ms_per_change: Each & { load: number };
}

interface Publication {
  tenant: string;
  sent: number;
  answered: number;
}

const LEAD_MS = 1000;
const SETTLE_MS = 3000;

/**
 * Many tenants publish at the same instant while one more tenant publishes continuously. Measures how long each waits.
 */
export async function burst(
  { binary, tenants, flood, rounds }: BurstOptions,
  processes: Processes,
): Promise<BurstResult> {
  processes.isTraced = true;
  const stack = await startStack({ binary, tenants: tenants + 1, https: false }, processes);
  const names = Array.from({ length: tenants }, (_, index) => tenantName(index));
  for (const tenant of names) await firstAnswer(tenant, undefined, stack.publicPort);
  const flooder = await Flooder.start(stack, tenantName(tenants), flood);
  const controls = await Promise.all(names.map(() => stack.api.connect()));
  const measured: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    await pause(LEAD_MS);
    measured.push(await oneBurst({ stack, processes, names, controls, version: `burst${round}` }));
  }
  const changes = await flooder.stop();
  const rss = residents(stack);
  for (const control of controls) control.close();
  for (const tenant of names) await firstAnswer(tenant, `burst${rounds}`, stack.publicPort);
  const trace = await readTrace(processes.folder);
  const [first, ...later] = measured;
  const byTime = later.sort((a, b) => a.all_live_ms - b.all_live_ms);
  return {
    tenants,
    flood_per_s: flood,
    first: first!,
    next: byTime[Math.floor((byTime.length - 1) / 2)] ?? first!,
    flooded: { changes, pushed: trace.count('pushed', tenantName(tenants)) },
    rss_mb: rss,
  };
}

async function oneBurst({
  stack,
  processes,
  names,
  controls,
  version,
}: {
  stack: Stack;
  processes: Processes;
  names: readonly string[];
  controls: readonly Control[];
  version: string;
}): Promise<Round> {
  const requests = names.map((tenant, index) => {
    const request = controls[index]!.encode('PUT', `/v1/tenants/${tenant}/routes/main`, routeSpec(tenant, version));
    return { tenant, control: controls[index]!, request };
  });
  const before = { ...cpuTimes(stack), load: ownCpuMs() };
  const publications = await Promise.all(requests.map(publish));
  // Visitors that send requests during the burst would only use CPU.
  await pause(SETTLE_MS);
  const after = { ...cpuTimes(stack), load: ownCpuMs() };
  const each = (of: keyof typeof after) => round((after[of] - before[of]) / names.length);
  const { signal } = processes;
  const live = await until('every tenant is live', () => lives(processes.folder, publications), { signal });
  return {
    put_to_live_ms: quantiles(live.map(({ sent, at }) => at - sent)),
    answered_ms: quantiles(publications.map(({ sent, answered }) => answered - sent)),
    all_live_ms: round(Math.max(...live.map(({ at }) => at)) - Math.min(...live.map(({ sent }) => sent))),
    cpu_ms_per_change: { api: each('api'), agent: each('agent'), envoy: each('envoy'), load: each('load') },
  };
}

/** When each publication was live; undefined while one of them is not. */
async function lives(folder: string, publications: readonly Publication[]) {
  const trace = await readTrace(folder);
  const live = publications.flatMap(({ tenant, sent }) => {
    const at = trace.first('live', tenant, sent);
    return at === undefined ? [] : { sent, at };
  });
  return live.length === publications.length ? live : undefined;
}

async function publish({
  tenant,
  control,
  request,
}: {
  tenant: string;
  control: Control;
  request: Buffer;
}): Promise<Publication> {
  const sent = clockMs();
  await control.send(request);
  return { tenant, sent, answered: clockMs() };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Changes one tenant's route so many times per second, even if API, agent and Envoy are slower. */
class Flooder {
  readonly #stopped = new AbortController();
  readonly #done: Promise<number>;

  private constructor(control: Control, tenant: string, perSecond: number) {
    this.#done = this.#flood(control, tenant, perSecond);
  }

  static async start({ api, publicPort }: Stack, tenant: string, perSecond: number): Promise<Flooder> {
    await firstAnswer(tenant, undefined, publicPort);
    return new Flooder(await api.connect(), tenant, perSecond);
  }

  /** @returns the number of changes */
  stop(): Promise<number> {
    this.#stopped.abort();
    return this.#done;
  }

  async #flood(control: Control, tenant: string, perSecond: number): Promise<number> {
    const started = performance.now();
    let made = 0;
    while (!this.#stopped.signal.aborted) {
      const due = ((performance.now() - started) / 1000) * perSecond;
      if (made > due) await pause(1);
      else await control.request('PUT', `/v1/tenants/${tenant}/routes/main`, routeSpec(tenant, `v${++made}`));
    }
    control.close();
    return made;
  }
}
