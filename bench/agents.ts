import { connect, type Socket } from 'node:net';
import type { FeedEvent } from '../wire/feed.ts';
import { ApiProcess } from './api-process.ts';
import type { Control } from './control.ts';
import { freePort } from './ports.ts';
import type { Processes } from './processes.ts';
import { createFleet, createTenant } from './seed.ts';
import { type Quantiles, quantiles, round } from './statistics.ts';
import { FLEET, routeSpec, tenantName } from './workload.ts';

export interface AgentsOptions {
  agents: number;
  rounds: number;
}

export interface AgentsResult {
  agents: number;
  /** The time from sending a PUT until the last agent has the event. */
  last_receipt_ms: Quantiles;
  api_cpu_ms_per_change: number;
  /** All connections are cut at the same moment and opened again, each at its cursor, while changes continue. */
  storm: { last_agent_ms: number; put_ms: Quantiles };
  rss_mb: { api: number };
}

const WARM_UP = 3;
const TENANT = tenantName(0);

/**
 * Measures one API with many agents: the time from a change until all of them have it, and their reconnection at once.
 */
export async function agents({ agents: count, rounds }: AgentsOptions, processes: Processes): Promise<AgentsResult> {
  const api = await ApiProcess.start(processes);
  const control = await api.connect();
  const token = await createFleet(control, { http: await freePort(), https: await freePort() });
  await createTenant(control, TENANT, undefined);
  const followers = Array.from({ length: count }, () => new Follower(api.port, token));
  try {
    await Promise.all(followers.map((follower) => follower.connect()));
    await Promise.all(followers.map((follower) => follower.reached(1)));
    const samples: number[] = [];
    let cpu = 0;
    for (let change = 1; change <= WARM_UP + rounds; change++) {
      if (change === WARM_UP + 1) cpu = api.cpuMs();
      const sent = performance.now();
      const all = Promise.all(followers.map((follower) => follower.reached(change + 1)));
      await put(control, change);
      await all;
      if (change > WARM_UP) samples.push(performance.now() - sent);
    }
    cpu = api.cpuMs() - cpu;
    return {
      agents: count,
      last_receipt_ms: quantiles(samples),
      api_cpu_ms_per_change: round(cpu / rounds),
      storm: await storm(followers, control, WARM_UP + rounds + 1),
      rss_mb: { api: api.residentMb() },
    };
  } finally {
    for (const follower of followers) follower.close();
    control.close();
  }
}

async function storm(followers: Follower[], control: Control, first: number): Promise<AgentsResult['storm']> {
  const cut = performance.now();
  const back = followers.map(async (follower) => {
    follower.close();
    await follower.connect();
    return performance.now() - cut;
  });
  let over = false;
  const all = Promise.all(back).finally(() => (over = true));
  const puts: number[] = [];
  for (let change = first; !over; change++) {
    const sent = performance.now();
    await put(control, change);
    puts.push(performance.now() - sent);
  }
  return { last_agent_ms: round(Math.max(...(await all)), 0), put_ms: quantiles(puts) };
}

const put = (control: Control, change: number) =>
  control.request('PUT', `/v1/tenants/${TENANT}/routes/main`, routeSpec(TENANT, `v${change}`));

/** A client that reads the feed exactly as an agent does. */
class Follower {
  readonly #port: number;
  readonly #token: string;
  #socket: Socket | undefined;
  #rest = '';
  #cursor: number | undefined;
  #revision = 0;
  #waiting: { revision: number; resolve: () => void } | undefined;

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  /** Resolves when the first line of the stream has arrived, which describes the fleet. */
  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const after = this.#cursor === undefined ? '' : `?after=${this.#cursor}`;
      const socket = connect(this.#port, '127.0.0.1', () =>
        socket.write(
          `GET /v1/fleets/${FLEET}/feed${after} HTTP/1.1\r\nhost: bench\r\naccept: application/x-ndjson\r\nauthorization: Bearer ${this.#token}\r\n\r\n`,
        ),
      );
      this.#socket = socket;
      this.#rest = '';
      socket.setEncoding('latin1');
      socket.on('error', reject);
      socket.on('data', (text: string) => {
        if (socket === this.#socket && this.#read(text)) resolve();
      });
    });
  }

  reached(revision: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#revision >= revision) resolve();
      else this.#waiting = { revision, resolve };
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  /**
   * Reads lines of the response. It ignores lines that are not JSON: the headers and the chunk sizes of HTTP.
   *
   * @returns whether the description of the fleet was among the lines
   */
  #read(text: string): boolean {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    let greeted = false;
    for (const line of lines) {
      if (!line.startsWith('{')) continue;
      const event = JSON.parse(line) as FeedEvent;
      if (event.type === 'fleet') greeted = true;
      if ('seq' in event) this.#cursor = event.seq;
      if (event.type === 'tenant') this.#revision = event.revision;
    }
    if (this.#waiting && this.#revision >= this.#waiting.revision) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
    return greeted;
  }
}
