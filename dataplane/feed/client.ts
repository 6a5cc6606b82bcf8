import type { IncomingMessage } from 'node:http';
import type { FeedEvent } from '../../wire/feed.ts';
import { whyUnreachable } from '../../wire/why-unreachable.ts';
import type { Log } from '../log.ts';
import { type ApiOptions, FleetApi } from './api.ts';
import type { ReadLine } from './inbox.ts';

/** The API sends a blank line every 5 s. If three in a row are missing, the connection counts as lost. */
const SILENCE_MS = 16_000;
const LONGEST_BACKOFF_MS = 15_000;
/** A connection that lasted this long counts as successful, and resets the delay before the next attempt. */
const STEADY_MS = 1_000;
/** An agent that is rejected stays rejected until somebody changes its token or its fleet. */
const LONGEST_REJECTED_BACKOFF_MS = 60_000;
/** The HTTP statuses with which the API rejects an agent, with the cause and the remedy, as the log shows them. */
const REJECTED: ReadonlyMap<number, string> = new Map([
  [401, 'its token is unknown, revoked or expired. Start it with a valid token of its fleet'],
  [403, 'its token is valid, but not an agent token of this fleet. Correct the token or the fleet'],
  [404, 'the fleet does not exist. Create it, or correct its name'],
]);
/** The largest length of a line. An event may contain a whole tenant, but a longer line cannot be an event. */
const LONGEST_LINE = 256 * 1024 * 1024;

export interface FeedOptions extends ApiOptions {
  /**
   * Returns the feed sequence number after which the feed resumes; undefined when the agent needs a snapshot. Called
   * for each connection.
   */
  cursor: () => number | undefined;
  /** Whether the agent has a complete configuration to serve. The log states it when the feed is interrupted. */
  isServing: () => boolean;
  /** Called when a request for the feed is sent. */
  onStart: () => void;
  /**
   * Receives the events of one read, in order.
   *
   * @param unreadable number of lines among them that were not events
   */
  onEvents: (events: ReadLine[], unreadable: number) => void;
  onConnected: (connected: boolean) => void;
  /**
   * Called when the API rejects the credential of an enrolled agent. Absent when the agent has a token.
   *
   * @returns why the API gives the agent no other credential; undefined while that is not known
   */
  onRejected?: (() => string | undefined) | undefined;
  log: Log;
}

/**
 * Follows a fleet's feed until it is closed. After an interruption it resumes at the cursor. While the API is
 * unavailable, it retries with exponential backoff and full jitter.
 * https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export class FeedClient {
  readonly #options: FeedOptions;
  readonly #api: FleetApi;
  #response: IncomingMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  /** The time at which the last response began (`performance.now`). */
  #since = 0;
  #rejection: string | undefined;
  #closed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#api = new FleetApi(options);
  }

  /** Why the API rejects the agent; undefined when it does not. */
  get rejection(): string | undefined {
    return this.#rejection;
  }

  start(): void {
    if (this.#closed) return;
    const { cursor, log } = this.#options;
    const after = cursor();
    const request = this.#api.request(after === undefined ? '/feed' : `/feed?after=${after}`, {
      headers: { accept: 'application/x-ndjson' },
      timeout: SILENCE_MS,
    });
    request.on('socket', (socket) => socket.setNoDelay(true));
    request.on('timeout', () => request.destroy(new Error(`the API was silent for ${SILENCE_MS} ms`)));
    request.on('error', (error) => this.#retry(whyUnreachable(error)));
    request.on('response', (response) => {
      if (response.statusCode === 200) return this.#read(response);
      response.resume();
      const { onRejected } = this.#options;
      if (response.statusCode === 401 && onRejected) this.#rejection = onRejected();
      else if (REJECTED.has(response.statusCode ?? 0)) this.#rejected(response.statusCode);
      response.on('end', () =>
        this.#retry(`the API answered ${response.statusCode}`, Number(response.headers['retry-after'])),
      );
      response.on('error', () => this.#retry('the API went away'));
    });
    request.end();
    this.#options.onStart();
    log.debug({ after }, 'asking for the feed');
  }

  /** Ends the connection because of an error. The next one resumes at the cursor. */
  interrupt(error: Error): void {
    this.#response?.destroy(error);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#response?.destroy();
    this.#api.close();
  }

  #read(response: IncomingMessage): void {
    const { onEvents, onConnected, log } = this.#options;
    this.#response = response;
    this.#since = performance.now();
    this.#rejection = undefined;
    onConnected(true);
    log.info({ after: this.#options.cursor() ?? 'nothing' }, 'following the feed');
    const lines = new Lines();
    response.on('data', (chunk: Buffer) => {
      try {
        const read = lines.push(chunk);
        const events = read.flatMap((line) => {
          const event = eventOf(line);
          return event ? { event, length: line.length } : [];
        });
        if (read.length > 0) onEvents(events, read.length - events.length);
      } catch (error) {
        response.destroy(error as Error);
      }
    });
    response.on('error', (error) => this.#ended(error.message));
    response.on('end', () => this.#ended('the API ended the feed'));
    response.on('aborted', () => this.#ended('the connection to the API broke'));
  }

  #ended(reason: string): void {
    if (!this.#response) return;
    this.#response = undefined;
    // If the feed repeatedly ends right after it began, the intervals between the requests grow.
    if (performance.now() - this.#since >= STEADY_MS) this.#attempt = 0;
    if (!this.#closed) this.#options.onConnected(false);
    this.#retry(reason);
  }

  /** Logs the rejection once, because it lasts until the agent gets another token. */
  #rejected(status: number | undefined): void {
    if (this.#rejection !== undefined) return;
    this.#rejection = `the API rejects this agent: ${REJECTED.get(status ?? 0)}`;
    this.#options.log.error({ status, fleet: this.#options.fleet }, `${this.#rejection}. ${this.#consequence}.`);
  }

  get #consequence(): string {
    return this.#options.isServing()
      ? 'The agent continues to serve its configuration'
      : 'The agent has no complete configuration to serve yet';
  }

  #retry(reason: string, retryAfterSeconds = Number.NaN): void {
    if (this.#closed || this.#timer) return;
    const isRejected = this.#rejection !== undefined;
    const longest = isRejected ? LONGEST_REJECTED_BACKOFF_MS : LONGEST_BACKOFF_MS;
    const ceiling = Math.min(longest, 100 * 2 ** this.#attempt++);
    const asked = Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : 0;
    const wait = Math.max(asked, 20 + Math.random() * ceiling);
    const level = isRejected ? 'debug' : 'warn';
    this.#options.log[level]({ reason, waitMs: Math.round(wait) }, `the feed is interrupted. ${this.#consequence}`);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.start();
    }, wait);
  }
}

/** Parses a line. Returns undefined if it is not an event: it must not stop the events of other tenants. */
function eventOf(line: string): FeedEvent | undefined {
  try {
    const event = JSON.parse(line);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether the line has the fields that assign an event to its tenant and its place in the feed. */
function isEvent(event: FeedEvent): boolean {
  switch (event?.type) {
    case 'fleet':
      return typeof event.fleet === 'object' && event.fleet !== null;
    case 'snapshot':
      return true;
    case 'snapshot-end':
      return Number.isInteger(event.seq);
    case 'tenant':
    case 'leave':
      return typeof event.tenant === 'string' && Number.isInteger(event.seq) && Number.isInteger(event.revision);
    default:
      return false;
  }
}

/** Splits chunks into lines. It drops blank lines, which are heartbeats. */
class Lines {
  #parts: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10, start); end !== -1; end = chunk.indexOf(10, start)) {
      this.#parts.push(chunk.subarray(start, end));
      const line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
      this.#parts = [];
      this.#length = 0;
      if (line.length > 0) lines.push(line.toString('utf8'));
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#parts.push(chunk.subarray(start));
      this.#length += chunk.length - start;
      if (this.#length > LONGEST_LINE) throw new Error('a line of the feed is too long');
    }
    return lines;
  }
}
