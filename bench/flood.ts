import { setTimeout as pause } from 'node:timers/promises';
import type { Control } from './control.ts';
import { FLOODS, type FloodKind } from './floods.ts';
import type { Processes } from './processes.ts';
import { cpuTimes, type Each, residents, type Stack, startStack } from './stack.ts';
import { type Quantiles, quantiles, round } from './statistics.ts';
import { firstAnswer, Visitor } from './visitor.ts';
import { hostName, routeSpec, tenantName } from './workload.ts';

export interface FloodOptions {
  binary: string;
  /** What the other tenants change. */
  kind: FloodKind;
  /** Connections over which they change it, each as fast as the API answers. */
  connections: number;
  /** Changes of the victim that are measured, without the flood and then during it. */
  changes: number;
}

export interface FloodResult {
  kind: FloodKind;
  connections: number;
  /** Requests of the flood, and those that the API rejected. */
  flood_per_s: number;
  rejected_per_s: number;
  /** From the PUT of a tenant that takes no part to the first response with its change. */
  idle_ms: Latency;
  flooded_ms: Latency;
  /** The part of `flooded_ms` in which the API answers. */
  answered_ms: Latency;
  cpu_percent: Each;
  rss_mb: Each;
}

interface Latency extends Quantiles {
  max: number;
}

const VICTIM = tenantName(0);
const WARM_UP = 20;
const LEAD_MS = 3000;
/** How often a change may take longer than a visitor waits, after the preparation. */
const PATIENCE = 5;
/** The pause between two changes of the victim. */
const PAUSE_MS = 50;

/** Tenants change things as fast as the API lets them. Measures how long one more tenant waits for its changes. */
export async function flood(
  { binary, kind, connections, changes }: FloodOptions,
  processes: Processes,
): Promise<FloodResult> {
  const stack = await startStack({ binary, tenants: 1, https: false }, processes);
  const control = await stack.api.connect();
  const change = await FLOODS[kind](stack, control);
  const victim = await Victim.of(stack);
  await victim.settles();
  await victim.toLive(WARM_UP);
  const idle = await victim.toLive(changes);
  const flooders = await Promise.all(Array.from({ length: connections }, () => stack.api.connect()));
  const running = new Flood(flooders, change);
  await pause(LEAD_MS);
  const [before, since, done] = [cpuTimes(stack), performance.now(), { ...running.count }];
  const flooded = await victim.toLive(changes);
  const [after, seconds] = [cpuTimes(stack), (performance.now() - since) / 1000];
  const count = running.count;
  const rss = residents(stack);
  await running.stop();
  control.close();
  victim.close();
  const percent = (of: keyof Each) => round((after[of] - before[of]) / seconds / 10, 0);
  return {
    kind,
    connections,
    flood_per_s: round((count.made - done.made) / seconds, 1),
    rejected_per_s: round((count.rejected - done.rejected) / seconds, 1),
    idle_ms: latency(idle.map(({ live }) => live)),
    flooded_ms: latency(flooded.map(({ live }) => live)),
    answered_ms: latency(flooded.map(({ answered }) => answered)),
    cpu_percent: { api: percent('api'), agent: percent('agent'), envoy: percent('envoy') },
    rss_mb: rss,
  };
}

const latency = (samples: readonly number[]): Latency => ({
  ...quantiles(samples),
  max: round(Math.max(...samples)),
});

/** The tenant that waits for its own changes. */
class Victim {
  readonly #control: Control;
  readonly #visitor: Visitor;
  #version = 0;

  private constructor(control: Control, visitor: Visitor) {
    this.#control = control;
    this.#visitor = visitor;
  }

  static async of({ api, publicPort }: Stack): Promise<Victim> {
    await firstAnswer(VICTIM, 'v0', publicPort);
    return new Victim(await api.connect(), await Visitor.to(hostName(VICTIM), publicPort));
  }

  /** Waits until the changes of the preparation are through. */
  async settles(): Promise<void> {
    for (let tries = 1; ; tries++)
      try {
        await this.toLive(1);
        return;
      } catch (error) {
        if (tries === PATIENCE) throw error;
      }
  }

  async toLive(changes: number): Promise<{ answered: number; live: number }[]> {
    const samples = [];
    for (let change = 0; change < changes; change++) {
      const version = `v${++this.#version}`;
      const request = this.#control.encode('PUT', `/v1/tenants/${VICTIM}/routes/main`, routeSpec(VICTIM, version));
      const sent = performance.now();
      const written = this.#control.send(request).then(() => performance.now() - sent);
      const live = (await this.#visitor.sees(version)) - sent;
      samples.push({ answered: await written, live });
      await pause(PAUSE_MS);
    }
    return samples;
  }

  close(): void {
    this.#control.close();
    this.#visitor.close();
  }
}

/** Repeats a change on every connection, as fast as the API answers. */
class Flood {
  readonly count = { made: 0, rejected: 0 };
  readonly #running: Promise<unknown>;
  #isStopped = false;

  constructor(controls: readonly Control[], change: (control: Control, index: number) => Promise<unknown>) {
    let next = 0;
    this.#running = Promise.all(
      controls.map(async (control) => {
        while (!this.#isStopped) {
          try {
            await change(control, next++);
            this.count.made++;
          } catch (error) {
            if (!String(error).includes(' 429 ')) throw error;
            this.count.rejected++;
            await pause(1);
          }
        }
        control.close();
      }),
    );
    this.#running.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }
}
