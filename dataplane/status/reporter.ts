import type { NodeStatus, StatusReport } from '../../wire/feed.ts';
import type { Log } from '../log.ts';

const HEARTBEAT_MS = 5_000;
const LONGEST_BACKOFF_MS = 10_000;

export interface ReporterOptions {
  api: string;
  token: string;
  fleet: string;
  agent: string;
  nodes: () => NodeStatus[];
  log: Log;
}

/** Tells the API where each Envoy is: on change, never more than one request at a time, and as a heartbeat. */
export class Reporter {
  readonly #options: ReporterOptions;
  #due = false;
  #sending = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#schedule(HEARTBEAT_MS);
  }

  /** Something changed; what is sent is what is true when it is sent. */
  changed(): void {
    if (this.#due) return;
    this.#due = true;
    if (!this.#sending && this.#failures === 0) setImmediate(() => this.#send());
  }

  /** Tells the API one last time. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#post().catch(() => undefined);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#send(), ms);
    this.#timer.unref();
  }

  async #send(): Promise<void> {
    if (this.#sending || this.#closed) return;
    this.#sending = true;
    this.#due = false;
    try {
      await this.#post();
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      if (this.#failures === 1)
        this.#options.log.warn({ reason: (error as Error).message }, 'the API did not take the status report');
    }
    this.#sending = false;
    if (this.#failures > 0) this.#schedule(Math.random() * Math.min(LONGEST_BACKOFF_MS, 200 * 2 ** this.#failures));
    else if (this.#due) this.#schedule(0);
    else this.#schedule(HEARTBEAT_MS);
  }

  async #post(): Promise<void> {
    const { api, fleet, token, agent, nodes } = this.#options;
    const report: StatusReport = { agent, nodes: nodes() };
    const response = await fetch(`${api}/v1/fleets/${fleet}/status`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  }
}
