/**
 * Paths as the edge sees them before routing (RFC 3986 §6.2, as Envoy's `normalize_path` and `merge_slashes` do, and
 * our own first routes): `%41` is A, dot segments are resolved, backslashes and runs of slashes are one slash. Escaped
 * slashes stay. The edge rejects paths that still contain {@link DOT_SEGMENT_WITH_PARAMETERS}.
 */
export function normalisePath(path: string): { path: string; query: string } {
  const mark = path.indexOf('?');
  const query = mark === -1 ? '' : path.slice(mark);
  return { path: normalised(mark === -1 ? path : path.slice(0, mark)), query };
}

/**
 * The redirect location for a path with escaped slashes or backslashes, which an application might decode after the
 * edge did not; undefined for other paths.
 */
export function withoutEscapedSlashes(path: string): string | undefined {
  const unescaped = path.replace(ESCAPED_SLASH, '/');
  return unescaped === path ? undefined : resolved(unescaped);
}

/**
 * A segment `.` or `..` with parameters, in a normalised path. Segments also begin at an escaped slash, and the
 * semicolon may be escaped: an application may decode both. Valid in RE2 too.
 */
export const DOT_SEGMENT_WITH_PARAMETERS = /(?:\/|%2[fF]|%5[cC])\.\.?(?:;|%3[bB])/;

/** Valid in RE2 too. */
export const ESCAPED_SLASH = /%(?:2[fF]|5[cC])/g;

/**
 * A path as a rule writes it, in the form in which requests reach rules: what is not ASCII is percent-encoded UTF-8,
 * the digits of escapes are upper-case. Two paths that mean the same (RFC 3986 §6.2.2) are one text then.
 *
 * @param isPrefix whether the path is a prefix, so that more may follow its last segment
 */
export function canonicalPath(path: string, isPrefix = false): string {
  if (/^\/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)*(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?$/.test(path)) return path;
  const cut = isPrefix ? Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1 : path.length;
  return upperCaseEscapes(normalised(encoded(path.slice(0, cut))) + decoded(encoded(path.slice(cut))));
}

/**
 * A path that a rewrite puts into requests, without dot segments. Everything else stays as written.
 *
 * @param isPrefix whether more may follow its last segment: what is missing of a dot segment or of an escape stays
 *   harmless there, and plain dots at the end are kept
 */
export function canonicalReplacement(path: string, isPrefix = false): string {
  const plain = decoded(encoded(path));
  if (!isPrefix) return withoutDotSegments(plain);
  const dots = /(?:[/\\]|%2f|%5c)(\.\.?)$/i.exec(plain)?.[1]?.length ?? 0;
  const cut = plain.length - dots;
  return withoutDotSegments(plain.slice(0, cut)).replace(/%(?=[0-9a-f]?$)/i, '%25') + plain.slice(cut);
}

const DOT_SEGMENT = /(?:[/\\]|%2f|%5c)\.\.?(?:$|[/\\;]|%2f|%5c|%3b)/i;

/** An application may decode escaped slashes and semicolons, so beside dots they count as such. */
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
 * An unneeded escape equals the character itself (RFC 3986 §2.3). Decoding must not create an escape out of a literal
 * `%`.
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
