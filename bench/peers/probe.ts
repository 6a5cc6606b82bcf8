import { setTimeout as pause } from 'node:timers/promises';
import { type PublicPort, Visitor } from '../visitor.ts';
import { hostName } from '../workload.ts';

/** Waiting so long for one change is long enough to know. */
export const LIMIT_MS = 120_000;
/** Share of the time waited so far that a probe may be late by: a proxy that reloads for a minute is not to fight with a busy probe. */
const LATENESS = 0.01;

/** Somebody who asks a tenant's host again and again, on one connection as long as that lasts: proxies that reload close it. */
export class Probe {
  readonly #host: string;
  readonly #publicPort: PublicPort;
  readonly #signal: AbortSignal;
  #visitor: Visitor | undefined;

  constructor(tenant: string, { publicPort, signal }: { publicPort: PublicPort; signal: AbortSignal }) {
    this.#host = hostName(tenant);
    this.#publicPort = publicPort;
    this.#signal = signal;
  }

  /**
   * @param version what it must answer; anything when not given
   * @param rest milliseconds between two requests at least
   * @returns when it did, by `performance.now()`, or `Infinity` when it did not within the limit
   */
  async sees(version: string | undefined, rest = 0): Promise<number> {
    const start = performance.now();
    while (performance.now() - start < LIMIT_MS) {
      this.#signal.throwIfAborted();
      if (await this.#asks(version)) return performance.now();
      const idle = Math.max(rest, (performance.now() - start) * LATENESS);
      if (idle >= 1) await pause(idle);
    }
    return Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#visitor?.close();
    this.#visitor = undefined;
  }

  async #asks(version: string | undefined): Promise<boolean> {
    try {
      this.#visitor ??= await Visitor.to(this.#host, this.#publicPort);
      const { status, body } = await this.#visitor.visit();
      return status === 200 && (version === undefined || body === version);
    } catch {
      this.close();
      await pause(1);
      return false;
    }
  }
}
