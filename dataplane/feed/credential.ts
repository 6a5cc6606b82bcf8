import { type KeyObject, randomBytes } from 'node:crypto';
import { type Renewed, renewalText } from '../../wire/enrolment.ts';
import { whyUnreachable } from '../../wire/why-unreachable.ts';
import type { Log } from '../log.ts';
import { type Identity, keyOf, signed, writeIdentity } from './identity.ts';
import { type Answer, post } from './post.ts';

const LONGEST_BACKOFF_MS = 15_000;
/** An agent that was stopped stays stopped until it enrols again. */
const STOPPED_BACKOFF_MS = 60_000;
const STOPPED = 'the API does not renew the credential of this agent';
/** The shortest time between two renewals. */
const SHORTEST_INTERVAL_MS = 500;
/** The longest delay of a timer of Node.js. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface CredentialOptions {
  identity: Identity;
  /** The data folder, which contains the identity. */
  folder: string;
  /** Base URL of the control API. */
  api: string;
  /** The version of the agent's program. */
  version: string;
  /** Called with each new credential. */
  changed: () => void;
  log: Log;
}

/**
 * The credential of an enrolled agent. It is in memory only. The agent renews it after half of its life, and whenever
 * the API rejects it. While the API is unavailable, it retries with exponential backoff and full jitter.
 *
 * Each request has a number, the generation. The agent writes the request to its disk before it sends it, and repeats
 * it after a restart. So it never sends two different requests of one generation, which would be the sign of a copied
 * disk.
 */
export class Credential {
  readonly #options: CredentialOptions;
  readonly #key: KeyObject;
  #identity: Identity;
  /** The generation that the agent has: that of the last answer. */
  #generation: number;
  #token: string | undefined;
  /** The clock of the API minus the clock of this machine, in milliseconds. */
  #clockOffset = 0;
  /** The time of the last answer (`performance.now`). */
  #renewedAt = Number.NEGATIVE_INFINITY;
  #attempt = 0;
  #stopped: string | undefined;
  #isSending = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: CredentialOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#generation = options.identity.generation;
    this.#key = keyOf(options.identity.privateKey);
  }

  /** The bearer token; undefined before the first answer of the API. */
  get token(): string | undefined {
    return this.#token;
  }

  /** Why the API renews the credential no more; undefined while it does. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  start(): void {
    this.#schedule(0);
  }

  /** Renews the credential at once, because the API rejected it. While renewals fail, it only keeps their schedule. */
  rejected(): void {
    if (this.#attempt === 0) this.#schedule(Math.max(0, this.#renewedAt + SHORTEST_INTERVAL_MS - performance.now()));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#renew(), Math.min(ms, LONGEST_TIMER_MS));
  }

  async #renew(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      this.#answered(await this.#request());
    } catch (error) {
      this.#retry(whyUnreachable(error as Error));
    } finally {
      this.#isSending = false;
    }
  }

  async #request(): Promise<Answer> {
    const { folder, api, version } = this.#options;
    const { id } = this.#identity;
    if (this.#identity.nonce === undefined || this.#generation > this.#identity.generation) {
      const next = { ...this.#identity, generation: this.#generation, nonce: randomBytes(16).toString('base64url') };
      writeIdentity(folder, next);
      this.#identity = next;
    }
    const { generation, nonce = '' } = this.#identity;
    const issuedAt = Date.now() + this.#clockOffset;
    const signature = signed(renewalText({ agent: id, generation, nonce, issuedAt }), this.#key);
    return post(`${api}/v1/agents/${encodeURIComponent(id)}/renewals`, {
      ...{ generation, nonce, issuedAt: new Date(issuedAt).toISOString(), version, signature },
    });
  }

  #answered({ status, date, body }: Answer): void {
    const { log } = this.#options;
    if (status === 200) this.#renewed(body as Renewed, date);
    else if (status === 422 && date !== undefined && this.#isClockWrong(date)) {
      this.#clockOffset = date - Date.now();
      const seconds = Math.round(this.#clockOffset / 1000);
      log.warn({ seconds }, 'the clock of this machine differs from that of the API');
      this.#schedule(0);
    } else {
      const { detail } = (body ?? {}) as { detail?: unknown };
      const reason = typeof detail === 'string' ? detail : `the API answered ${status}`;
      if (status === 401 || status === 403) {
        const stopped = `${STOPPED}: ${reason}`;
        if (this.#stopped !== stopped) log.error({ agent: this.#identity.id }, stopped);
        this.#stopped = stopped;
      }
      this.#retry(reason);
    }
  }

  #isClockWrong(date: number): boolean {
    return Math.abs(date - Date.now() - this.#clockOffset) > 1000;
  }

  #renewed({ credential, generation, expiresAt }: Renewed, date = Date.now()): void {
    this.#token = credential;
    this.#generation = generation;
    this.#renewedAt = performance.now();
    this.#attempt = 0;
    this.#stopped = undefined;
    const life = Date.parse(expiresAt) - date;
    this.#options.log.debug({ generation, expiresAt }, 'the credential was renewed');
    // With jitter, the agents of a fleet do not renew at the same moment.
    this.#schedule(Math.max(SHORTEST_INTERVAL_MS, life * (0.4 + Math.random() * 0.2)));
    this.#options.changed();
  }

  #retry(reason: string): void {
    const isStopped = this.#stopped !== undefined;
    const longest = isStopped ? STOPPED_BACKOFF_MS : LONGEST_BACKOFF_MS;
    const wait = 20 + Math.random() * Math.min(longest, 200 * 2 ** this.#attempt++);
    const level = isStopped ? 'debug' : 'warn';
    this.#options.log[level]({ reason, waitMs: Math.round(wait) }, 'the credential of this agent was not renewed');
    this.#schedule(wait);
  }
}
