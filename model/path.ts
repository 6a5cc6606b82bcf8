/**
 * A request path as the edge sees it before routing (RFC 3986 §6.2, as Envoy's `normalize_path`, `merge_slashes` and
 * `path_with_escaped_slashes_action` do): `%41` is A, dot segments are resolved, backslashes and runs of slashes are one slash.
 */
export function normalisePath(path: string): { path: string; query: string } | { redirect: string } {
  const mark = path.indexOf('?');
  const raw = mark === -1 ? path : path.slice(0, mark);
  const query = mark === -1 ? '' : path.slice(mark);
  const plain = merged(raw.replaceAll('\\', '/'));
  const unescaped = plain.replace(/%(?:2f|5c)/gi, '/');
  // An application might decode them where we did not: the client is told to say what it means.
  return unescaped === plain ? { path: plain, query } : { redirect: `${merged(unescaped)}${query}` };
}

function merged(path: string): string {
  const readable = path.replace(/%([0-9a-f]{2})/gi, (whole, hex) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : whole;
  });
  const kept: string[] = [];
  const parts = readable.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === '..') kept.pop();
    else if (part !== '.') kept.push(part);
    if (last && (part === '.' || part === '..')) kept.push('');
  }
  return `/${kept.join('/')}`.replace(/\/{2,}/g, '/');
}
