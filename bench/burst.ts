import { setTimeout as pause } from 'node:timers/promises';
import type { Control } from './control.ts';
import { type Each, type House, openHouse, residents } from './house.ts';
import type { Processes } from './processes.ts';
import { type Quantiles, quantiles, round } from './statistics.ts';
import { clockMs, readTrace } from './trace.ts';
import { firstAnswer } from './visitor.ts';
import { routeSpec, tenantName } from './workload.ts';

export interface BurstOptions {
  binary: string;
  /** That publish at once. */
  tenants: number;
  /** Changes a second of one more tenant, all the while. */
  flood: number;
}

export interface BurstResult {
  tenants: number;
  flood_per_s: number;
  /** Of those that publish at once, as the agent sees each through Envoy. */
  put_to_live_ms: Quantiles;
  answered_ms: Quantiles;
  all_live_ms: number;
  /** Versions of the flooded host that were made, and that reached Envoy. */
  flooded: { changes: number; pushed: number };
  rss_mb: Each;
}

const LEAD_MS = 1000;
const SETTLE_MS = 3000;

/** Many tenants publish in the same instant, while one floods: how long each of them waits. */
export async function burst({ binary, tenants, flood }: BurstOptions, processes: Processes): Promise<BurstResult> {
  processes.isTraced = true;
  const house = await openHouse({ binary, tenants: tenants + 1, https: false }, processes);
  const names = Array.from({ length: tenants }, (_, index) => tenantName(index));
  for (const tenant of names) await firstAnswer(tenant, undefined, house.door);
  const flooder = await Flooder.start(house, tenantName(tenants), flood);
  const controls = await Promise.all(names.map(() => house.api.connect()));
  await pause(LEAD_MS);
  const publications = await Promise.all(names.map((tenant, index) => publish(controls[index]!, tenant)));
  // Visitors who look meanwhile would only be in the way.
  await pause(SETTLE_MS);
  const changes = await flooder.stop();
  const rss = residents(house);
  for (const tenant of names) await firstAnswer(tenant, 'burst', house.door);
  const trace = await readTrace(processes.folder);
  const live = publications.map(({ tenant, sent }) => {
    const at = trace.first('live', tenant, sent, Number.POSITIVE_INFINITY);
    if (at === undefined) throw new Error(`the agent never saw ${tenant} live`);
    return { sent, at };
  });
  return {
    tenants,
    flood_per_s: flood,
    put_to_live_ms: quantiles(live.map(({ sent, at }) => at - sent)),
    answered_ms: quantiles(publications.map(({ sent, answered }) => answered - sent)),
    all_live_ms: round(Math.max(...live.map(({ at }) => at)) - Math.min(...live.map(({ sent }) => sent))),
    flooded: { changes, pushed: trace.count('pushed', tenantName(tenants)) },
    rss_mb: rss,
  };
}

async function publish(control: Control, tenant: string) {
  const request = control.encode('PUT', `/v1/tenants/${tenant}/routes/main`, routeSpec(tenant, 'burst'));
  const sent = clockMs();
  await control.send(request);
  const answered = clockMs();
  control.close();
  return { tenant, sent, answered };
}

/** Changes one tenant's route so many times a second, whether or not anybody keeps up. */
class Flooder {
  readonly #stopped = new AbortController();
  readonly #done: Promise<number>;

  private constructor(control: Control, tenant: string, perSecond: number) {
    this.#done = this.#flood(control, tenant, perSecond);
  }

  static async start({ api, door }: House, tenant: string, perSecond: number): Promise<Flooder> {
    await firstAnswer(tenant, undefined, door);
    return new Flooder(await api.connect(), tenant, perSecond);
  }

  /** @returns how many changes were made */
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
