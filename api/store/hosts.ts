/**
 * Host claims as text that SQL can compare: which stored claims could overlap a host is a list of equal hosts and, for a
 * wildcard, a range of reversed ones. `*.example.com` covers every name below, at any depth, and not `example.com` itself.
 */

/** Labels from the top level down: `a.example.com` → `com.example.a`, `*.example.com` → `com.example.*`. */
export function reversed(host: string): string {
  return host.split('.').reverse().join('.');
}

/** The host itself and every wildcard above it: `a.b.c` → `a.b.c`, `*.b.c`, `*.c`, `*`. */
export function atOrAbove(host: string): string[] {
  const labels = host.split('.');
  return [host, ...labels.map((_, i) => ['*', ...labels.slice(i + 1)].join('.')).filter((above) => above !== host)];
}

/** What the reversed form of every host under a wildcard begins with; undefined for an exact host. */
export function prefixBelow(host: string): string | undefined {
  return host.startsWith('*') ? reversed(host).slice(0, -1) : undefined;
}

/** Whether some name is covered by both. */
export function overlap(a: string, b: string): boolean {
  const under = (host: string, wildcard: string) => {
    const prefix = prefixBelow(wildcard);
    return prefix !== undefined && reversed(host).startsWith(prefix);
  };
  return a === b || under(a, b) || under(b, a);
}
