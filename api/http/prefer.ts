import { Problem } from '../problem.ts';

const MAX_SECONDS = 60;

/**
 * Parses `Prefer: wait=N` (RFC 7240), in seconds. The result is at most 60, so that no request waits forever. Other
 * preferences are ignored, as the RFC requires.
 *
 * @returns undefined when the header has no such preference, or a malformed one
 */
export function preferredWait(header: string | null | undefined): number | undefined {
  const seconds = waitIn(header);
  return seconds !== undefined && /^\d+$/.test(seconds) ? Math.min(Number(seconds), MAX_SECONDS) : undefined;
}

/**
 * Rejects a malformed `wait`: a client that is answered without the wait would take a write for live.
 *
 * @throws Problem `invalid-request`
 */
export function requireWellFormedWait(header: string | null): void {
  const seconds = waitIn(header);
  if (seconds === undefined || preferredWait(header) !== undefined) return;
  const message = 'must be a whole number of seconds, such as wait=10';
  throw new Problem('invalid-request', { violations: [{ path: '/Prefer', code: 'invalid-header', message }] });
}

/** Returns the value of the first `wait`, without quotes; empty when it has none. */
function waitIn(header: string | null | undefined): string | undefined {
  for (const preference of header?.split(',') ?? []) {
    const found = /^\s*wait\s*(?:=\s*"?([^";]*?)"?\s*)?(?:;.*)?$/i.exec(preference);
    if (found) return found[1] ?? '';
  }
  return undefined;
}

export const prefersStale = (header: string | null): boolean =>
  header?.split(',').some((preference) => preference.trim().toLowerCase() === 'stale-ok') ?? false;
