/**
 * Parses `Prefer: wait=N` (RFC 7240), in seconds. The result is at most 60, so that no request waits forever. Other
 * preferences are ignored, as the RFC requires.
 */
export function preferredWait(header: string | null | undefined): number | undefined {
  if (!header) return undefined;
  for (const preference of header.split(',')) {
    const found = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(;.*)?$/i.exec(preference);
    if (found) return Math.min(Number(found[1]), 60);
  }
  return undefined;
}

export const prefersStale = (header: string | null): boolean =>
  header?.split(',').some((preference) => preference.trim().toLowerCase() === 'stale-ok') ?? false;
