import { setTimeout as pause } from 'node:timers/promises';
import { type PublicPort, Visitor } from '../visitor.ts';
import { hostName } from '../workload.ts';

/** The longest wait for one change. */
export const LIMIT_MS = 120_000;
/**
 * The pause between probes, as a share of the time waited so far. A proxy that reloads for a minute must not compete
 * with a busy probe for the CPU.
 */
const LATENESS = 0.01;

/**
 * Sends requests to one tenant's host repeatedly. It uses one connection until the proxy closes it, as proxies do that
 * reload.
 */
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
   * @param version the version that the response must contain; absent = any
   * @param rest shortest pause between two requests, in milliseconds
   * @returns the time of that response by `performance.now()`, or `Infinity` when none came within the limit
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
