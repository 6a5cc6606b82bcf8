/**
 * Normalises a path as the edge does before routing (RFC 3986 §6.2): as Envoy's `normalize_path` and `merge_slashes`
 * do, and the built-in routes. Escapes of characters that need none are decoded, dot segments are resolved, and
 * backslashes and runs of slashes become one slash. Escaped slashes stay. The edge rejects normalised paths that match
 * {@link DOT_SEGMENT_WITH_PARAMETERS}.
 *
 * @param path with or without a query
 * @returns the normalised path, and the query with its `?`
 * @example normalisePath('/a/../%41//b?x=1') // { path: '/A/b', query: '?x=1' }
 */
export function normalisePath(path: string): { path: string; query: string } {
  const mark = path.indexOf('?');
  const query = mark === -1 ? '' : path.slice(mark);
  return { path: normalised(mark === -1 ? path : path.slice(0, mark)), query };
}

/**
 * Replaces escaped slashes and backslashes in a path by slashes. The edge redirects clients to this path, because the
 * edge does not decode the escapes but an application might.
 *
 * @param path a normalised path
 * @returns undefined when the path has no escaped slash or backslash
 */
export function withoutEscapedSlashes(path: string): string | undefined {
  const unescaped = path.replace(ESCAPED_SLASH, '/');
  return unescaped === path ? undefined : resolved(unescaped);
}

/**
 * Matches a segment `.` or `..` with parameters, in a normalised path. A segment may begin at an escaped slash, and the
 * semicolon may be escaped, because an application may decode both. RE2 can read the pattern too.
 */
export const DOT_SEGMENT_WITH_PARAMETERS = /(?:\/|%2[fF]|%5[cC])\.\.?(?:;|%3[bB])/;

/** Matches an escaped slash or backslash. RE2 can read the pattern too. */
export const ESCAPED_SLASH = /%(?:2[fF]|5[cC])/g;

/**
 * Writes the path of a rule in the form that normalised paths have: characters outside ASCII are percent-encoded, and
 * the digits of escapes are in upper case. Two equivalent paths (RFC 3986 §6.2.2) become the same text.
 *
 * @param isPrefix whether the path is a prefix. More may follow its last segment, so `.` and `..` there stay
 * @example canonicalPath('/a/../é') // '/%C3%A9'
 */
export function canonicalPath(path: string, isPrefix = false): string {
  if (/^\/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?$/.test(path)) return path;
  const cut = isPrefix ? Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1 : path.length;
  return upperCaseEscapes(normalised(encoded(path.slice(0, cut))) + decoded(encoded(path.slice(cut))));
}

/**
 * Writes the path of a rewrite without dot segments. Characters outside ASCII become percent-escapes, and escapes of
 * characters that need none are decoded. Everything else stays as written.
 *
 * @param isPrefix whether the rest of a request's path may continue the last segment. Dots at the end are kept then,
 *   and an incomplete escape at the end cannot become an escape
 */
export function canonicalReplacement(path: string, isPrefix = false): string {
  const plain = decoded(encoded(path));
  if (!isPrefix) return withoutDotSegments(plain);
  const dots = /(?:[/\\]|%2f|%5c)(\.\.?)$/i.exec(plain)?.[1]?.length ?? 0;
  const cut = plain.length - dots;
  return withoutDotSegments(plain.slice(0, cut)).replace(/%(?=[0-9a-f]?$)/i, '%25') + plain.slice(cut);
}

const DOT_SEGMENT = /(?:[/\\]|%2f|%5c)\.\.?(?:$|[/\\;]|%2f|%5c|%3b)/i;

/**
 * Resolves dot segments. Escaped slashes and semicolons delimit segments too, because an application may decode them.
 */
const withoutDotSegments = (path: string): string =>
  DOT_SEGMENT.test(path) ? normalised(path.replace(ESCAPED_SLASH, '/').replace(/%3b/gi, ';')) : path;

/** Writes the digits of percent-escapes in upper case (RFC 3986 §6.2.2.1): `%2f` becomes `%2F`. */
export const upperCaseEscapes = (path: string): string =>
  path.replace(/%[0-9a-f]{2}/gi, (escaped) => escaped.toUpperCase());

/** Percent-encodes characters that no request line contains or that the edge encodes. */
export const encoded = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what is encoded
  text.replace(/[\x00-\x20"<>^`{|}\x7f]|[^\x00-\x7f]+/g, (piece) =>
    Array.from(new TextEncoder().encode(piece), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
      '',
    ),
  );

function normalised(path: string): string {
  // Envoy first drops the parameters of dot segments: Tomcat and similar servers would resolve `/..;/` as `/../`.
  const plain = path.replace(/(^|\/)(\.\.?);[^/]*/g, '$1$2');
  return resolved(decoded(encoded(plain.replaceAll('\\', '/'))));
}

/**
 * Decodes the escapes of characters that need none (RFC 3986 §2.3). A literal `%` must not become a part of an escape.
 */
function decoded(path: string): string {
  const plain = path.replace(/%([0-9a-f]{2})|%/gi, (escaped, hex?: string) => {
    if (hex === undefined) return '\0';
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return isUnreserved(character) ? character : escaped;
  });
  return plain.replace(/\0(?=[0-9a-f]{2})/gi, '%25').replaceAll('\0', '%');
}

/** Whether a character needs no escape in a path (RFC 3986 §2.3). */
export const isUnreserved = (character: string): boolean => /[A-Za-z0-9._~-]/.test(character);

function resolved(path: string): string {
  const kept: string[] = [];
  const parts = path.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    if (part === '..') kept.pop();
    else if (part !== '.') kept.push(part);
    if (last && (part === '.' || part === '..')) kept.push('');
  }
  return `/${kept.join('/')}`.replace(/\/{2,}/g, '/');
}
