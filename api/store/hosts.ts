import { candidates } from '../../model/values/host.ts';

/**
 * Host claims as text that SQL can compare. The stored claims that could overlap a host are a list of equal hosts and,
 * for a wildcard, a range of reversed hosts. `*.example.com` covers every name below it, at any depth, but not
 * `example.com`.
 */

/** Labels from the top level down: `a.example.com` → `com.example.a`, `*.example.com` → `com.example.*`. */
export function reversed(host: string): string {
  return host.split('.').reverse().join('.');
}

/** The host itself and every wildcard above it: `a.b.c` → `a.b.c`, `*.b.c`, `*.c`, `*`. */
export function atOrAbove(host: string): string[] {
  return [...candidates(host)];
}

/** The prefix of the reversed form of every host below a wildcard; undefined for an exact host. */
export function prefixBelow(host: string): string | undefined {
  return host.startsWith('*') ? reversed(host).slice(0, -1) : undefined;
}

/** Returns a function: whether a host and one of these hosts cover a common name. Each call takes logarithmic time. */
export function overlapping(hosts: readonly string[]): (host: string) => boolean {
  const all = new Set(hosts);
  const sorted = [...all].map(reversed).sort();
  return (host) => {
    if (atOrAbove(host).some((each) => all.has(each))) return true;
    const prefix = prefixBelow(host);
    return prefix !== undefined && (firstFrom(sorted, prefix)?.startsWith(prefix) ?? false);
  };
}

/** The first element of a sorted list that is not less than `wanted`. */
function firstFrom(sorted: readonly string[], wanted: string): string | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}
