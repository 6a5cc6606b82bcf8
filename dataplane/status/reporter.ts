import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type NodeStatus, PROCESS_HEADER, REPORT_HEADER, type StatusReport } from '../../wire/feed.ts';
import { type ApiOptions, FleetApi } from '../feed/api.ts';
import type { Log } from '../log.ts';

const HEARTBEAT_MS = 5_000;
/**
 * A short delay in milliseconds. An acknowledged change is usually live a moment later, and one report of both saves a
 * write in the API's database.
 */
const PART_MS = 10;
const LONGEST_BACKOFF_MS = 10_000;
const SILENCE_MS = 10_000;

export interface ReporterOptions extends ApiOptions {
  agent: string;
  /** Returns the status of all nodes at the time of a report. */
  nodes: () => NodeStatus[];
  /** Called with the nodes of each report that the API accepted. */
  taken?: (nodes: readonly NodeStatus[]) => void;
  log: Log;
}

/**
 * Reports the status of each Envoy to the API, after changes and as a heartbeat. At most one request is in flight.
 * While the API does not accept reports, it retries with backoff.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  readonly #api: FleetApi;
  readonly #process = randomUUID();
  #due = false;
  #sending = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #part: NodeJS.Timeout | undefined;
  #closed = false;
  /** Whether the API that responded last accepts `ahead`. */
  #acceptsAhead = false;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#api = new FleetApi(options);
    this.#schedule(HEARTBEAT_MS);
  }

  /** Schedules a report because of a change. The report contains the state at the time when it is sent. */
  changed(): void {
    clearTimeout(this.#part);
    this.#part = undefined;
    if (this.#due) return;
    this.#due = true;
    if (!this.#sending && this.#failures === 0) setImmediate(() => this.#send());
  }

  /** Schedules a report after a short delay, because a related change will follow soon. */
  changedInPart(): void {
    if (this.#due) return;
    this.#part ??= setTimeout(() => this.changed(), PART_MS);
  }

  /** Sends a last report and stops. A failure of the last report is ignored. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#part);
    await this.#post().catch(() => undefined);
    this.#api.close();
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
        this.#options.log.warn({ reason: (error as Error).message }, 'the API did not accept the status report');
    }
    this.#sending = false;
    if (this.#failures > 0) this.#schedule(Math.random() * Math.min(LONGEST_BACKOFF_MS, 200 * 2 ** this.#failures));
    else if (this.#due) this.#schedule(0);
    else this.#schedule(HEARTBEAT_MS);
  }

  #post(): Promise<void> {
    const { agent, nodes, taken } = this.#options;
    const all = nodes();
    const report: StatusReport = { agent, nodes: this.#acceptsAhead ? all : all.map(({ ahead: _, ...node }) => node) };
    return this.#request('/status', report, (headers) => {
      this.#acceptsAhead = headers[REPORT_HEADER] === 'ahead';
    }).then(() => taken?.(all));
  }

  /** Posts a report to the API. @param path the path below the fleet's own */
  post(path: string, report: object): Promise<void> {
    return this.#request(path, report);
  }

  #request(path: string, report: object, answered?: (headers: IncomingHttpHeaders) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const sent = { 'content-type': 'application/json', [PROCESS_HEADER]: this.#process };
      const request = this.#api.request(path, { method: 'POST', headers: sent, timeout: SILENCE_MS });
      request.on('timeout', () => request.destroy(new Error(`it was silent for ${SILENCE_MS} ms`)));
      request.on('error', reject);
      request.on('response', (response) => {
        const { statusCode = 0, headers } = response;
        answered?.(headers);
        response.resume().on('error', reject);
        response.on('end', () => (statusCode < 300 ? resolve() : reject(new Error(`it answered ${statusCode}`))));
      });
      request.end(JSON.stringify(report));
    });
  }
}
