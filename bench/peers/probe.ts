import { setTimeout as pause } from 'node:timers/promises';
import { type Door, Visitor } from '../visitor.ts';
import { hostName } from '../workload.ts';

/** Waiting so long for one change is long enough to know. */
export const LIMIT_MS = 120_000;
/** Share of the time waited so far that a probe may be late by: a proxy that reloads for a minute is not to fight with a busy probe. */
const LATENESS = 0.01;

export interface Look {
  door: Door;
  signal: AbortSignal;
  /** Milliseconds between two requests at least. */
  rest?: number;
}

/**
 * Asks the tenant's host until it answers the version, or anything when none is given, on one connection as long as that lasts: proxies that reload close it.
 *
 * @returns when it did, by `performance.now()`, or `Infinity` when it did not within the limit
 */
export async function sees(
  tenant: string,
  version: string | undefined,
  { door, signal, rest = 0 }: Look,
): Promise<number> {
  const start = performance.now();
  let visitor: Visitor | undefined;
  try {
    while (performance.now() - start < LIMIT_MS) {
      signal.throwIfAborted();
      try {
        visitor ??= await Visitor.to(hostName(tenant), door);
        const { status, body } = await visitor.visit();
        if (status === 200 && (version === undefined || body === version)) return performance.now();
      } catch {
        visitor?.close();
        visitor = undefined;
        await pause(1);
      }
      const idle = Math.max(rest, (performance.now() - start) * LATENESS);
      if (idle >= 1) await pause(idle);
    }
    return Number.POSITIVE_INFINITY;
  } finally {
    visitor?.close();
  }
}
