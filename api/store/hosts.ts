import { patternsCovering } from '../../model/values/host.ts';

/**
 * Converts host claims to text that SQL can compare. The stored claims that could overlap a host are those equal to the
 * host or to a wildcard above it. For a wildcard, they are also a range of reversed hosts. `*.example.com` covers every
 * name below `example.com`, at any depth, but not `example.com`.
 */

/**
 * Returns the host with its labels in reverse order: `a.example.com` → `com.example.a`, `*.example.com` →
 * `com.example.*`.
 */
export function reversed(host: string): string {
  return host.split('.').reverse().join('.');
}

/** Returns the host and every wildcard above it: `a.b.c` → `a.b.c`, `*.b.c`, `*.c`, `*`. */
export function atOrAbove(host: string): string[] {
  return [...patternsCovering(host)];
}

/** Returns the prefix that the reversed form of every host below a wildcard has; undefined for an exact host. */
export function prefixBelow(host: string): string | undefined {
  return host.startsWith('*') ? reversed(host).slice(0, -1) : undefined;
}

/** Returns the prefixes of the reversed hosts below the wildcards of a list. */
export const prefixesOf = (hosts: readonly string[]): string[] =>
  hosts.map(prefixBelow).filter((prefix) => prefix !== undefined);

/**
 * Returns a function that decides whether a host overlaps at least one of these hosts. Each call takes logarithmic
 * time.
 */
export function overlapping(hosts: readonly string[]): (host: string) => boolean {
  const all = new Set(hosts);
  const sorted = [...all].map(reversed).sort();
  return (host) => {
    if (atOrAbove(host).some((each) => all.has(each))) return true;
    const prefix = prefixBelow(host);
    return prefix !== undefined && (firstFrom(sorted, prefix)?.startsWith(prefix) ?? false);
  };
}

/** Finds the first element of a sorted list that is not less than `wanted`. */
function firstFrom(sorted: readonly string[], wanted: string): string | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
