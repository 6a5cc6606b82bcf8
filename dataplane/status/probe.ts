import { setTimeout as pause } from 'node:timers/promises';
// These files load in a third of the time of the whole package, which contains `fetch`, `WebSocket` and a cache.
import request from 'undici/lib/api/api-request.js';
import Client from 'undici/lib/dispatcher/client.js';
import { PROBE_HEADER, REVISION_PATH, SCOPE_HEADER } from '../compile/index.ts';

const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 100;
/** How long the newest probe replaces all waiting ones. A healthy worker applies a change much earlier. */
const PROMPT_MS = 100;

/** An acknowledged version for which a probe waits. */
interface Awaited {
  /** The scope. */
  key: string;
  version: string;
  /** True once a newer version was sent: this version may never be observed. */
  superseded: () => boolean;
}

type Waiting = Awaited & { answered: (result: ProbeResult) => void };
/**
 * The result of a probe. `seen`: every worker serves the version. `superseded`: a newer version was sent before this one
 * was seen, and it is unknown whether Envoy serves the newer one. `late`: the version was not seen in time.
 */
export type ProbeResult = 'seen' | 'superseded' | 'late';

/**
 * Asks an Envoy which version of a host's routes it serves, through its probe listener. Envoy distributes the connections
 * of that listener evenly over its workers. So one connection per worker reaches every worker.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/listener/v3/listener.proto#config-listener-v3-listener-connectionbalanceconfig
 *
 * Envoy's main thread passes changes to its workers in the order in which it acknowledges them. So of several
 * acknowledged versions, only the last is probed: a worker that serves it serves the others too.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/intro/threading_model
 */
export class Prober {
  readonly #clients: Client[];
  readonly #timeoutMs: number;
  #waiting: Waiting[] = [];
  #asking = false;
  #closed = false;

  /**
   * @param socketPath the Unix socket of the probe listener
   * @param workers the number of Envoy's worker threads (`--concurrency`)
   * @param timeoutMs how long a version is probed before it is `late`
   */
  constructor(socketPath: string, workers: number, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#clients = Array.from(
      { length: workers },
      () => new Client('http://probe.gatehouse.internal', { socketPath, pipelining: 8, headersTimeout: timeoutMs }),
    );
  }

  /**
   * Waits until every worker serves a version that was just acknowledged. Call it in the order of the acknowledgements.
   *
   * @returns the result; `seen` if the prober is closed meanwhile
   */
  see(awaited: Awaited): Promise<ProbeResult> {
    return new Promise((answered) => {
      this.#waiting.push({ ...awaited, answered });
      if (this.#asking) return;
      this.#asking = true;
      // By then, all versions that one ACK acknowledged have been added.
      queueMicrotask(() => this.#askInRounds());
    });
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.destroy().catch(() => undefined);
  }

  async #askInRounds(): Promise<void> {
    while (this.#waiting.length > 0) {
      let all = this.#waiting;
      this.#waiting = [];
      // Versions that come meanwhile wait. Many of them may be superseded too, and those here must not wait for them.
      while (all.length > 0) all = await this.#askNewest(all);
    }
    this.#asking = false;
  }

  /** Sends a probe for the last of these versions. @returns the versions about which it says nothing */
  async #askNewest(all: readonly Waiting[]): Promise<Waiting[]> {
    const newest = all.at(-1)!;
    const result = await this.#everywhere(newest, PROMPT_MS);
    if (result === 'superseded') {
      newest.answered('superseded');
      const others = all.slice(0, -1);
      for (const { superseded, answered } of others) if (superseded()) answered('superseded');
      return others.filter(({ superseded }) => !superseded());
    }
    if (result === 'seen') for (const { answered } of all) answered('seen');
    else for (const each of all) this.#askPatiently(each);
    return [];
  }

  /** Sends a probe for one version only, because it may be the only version that is not served. */
  async #askPatiently({ answered, ...awaited }: Waiting): Promise<void> {
    answered(await this.#everywhere(awaited, this.#timeoutMs));
  }

  async #everywhere(awaited: Awaited, patienceMs: number): Promise<ProbeResult> {
    const results = await Promise.all(this.#clients.map((client) => this.#on(client, awaited, patienceMs)));
    return results.find((result) => result !== 'seen') ?? 'seen';
  }

  async #on(client: Client, { key, version, superseded }: Awaited, patienceMs: number): Promise<ProbeResult> {
    const deadline = Date.now() + patienceMs;
    for (let wait = FIRST_WAIT_MS; !this.#closed; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      if ((await this.#ask(client, key)) === version) return 'seen';
      if (superseded()) return 'superseded';
      if (Date.now() >= deadline) return 'late';
      await pause(wait);
    }
    return 'seen';
  }

  async #ask(client: Client, key: string): Promise<string | undefined> {
    try {
      const { statusCode, body } = await request.call(client, {
        path: REVISION_PATH,
        method: 'GET',
        headers: {
          host: key.slice(key.indexOf('|') + 1).replace('*', 'probe'),
          [SCOPE_HEADER]: key,
          [PROBE_HEADER]: '1',
        },
      });
      const text = await body.text();
      return statusCode === 200 ? text : undefined;
    } catch {
      return undefined;
    }
  }
}
