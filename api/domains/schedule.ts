import type { Settings } from '../settings.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How long a domain that was never proven, or was released, is checked without a request. */
const PENDING_MS = 14 * DAY_MS;
/** The longest time between two checks of a pending domain. */
const LONGEST_MS = 6 * 60 * MINUTE_MS;

export const firstCheckAt = (now: number): number => now + MINUTE_MS;

/**
 * Returns when the next check of a pending domain is due: after 1, 2, 4 … minutes, and at most 6 hours.
 *
 * @param since when the tenant claimed or lost it
 * @param failures the number of checks since
 * @returns null when the domain is not checked any more without a request
 */
export function nextPendingCheck(now: number, since: number, failures: number): number | null {
  if (now - since > PENDING_MS) return null;
  return jittered(now, Math.min(MINUTE_MS * 2 ** Math.min(failures, 20), LONGEST_MS));
}

/** Returns when the next check of a held domain is due. While its proof is missing, checks are more frequent. */
export function nextHeldCheck({ domainCheck }: Pick<Settings, 'domainCheck'>, now: number, isMissing: boolean): number {
  return jittered(now, isMissing ? Math.max(domainCheck / 24, Math.min(domainCheck, MINUTE_MS)) : domainCheck);
}

/** Domains that were claimed together are not checked together for ever. */
const jittered = (now: number, ms: number): number => Math.floor(now + ms * (0.9 + Math.random() / 5));
