/**
 * Translates the `uri` of a condition into a condition on normalised paths. `explain`, warnings and Envoy's routes
 * share this code.
 */
import type { Match } from '../route/match.ts';
import type { GrpcMatch, StringMatch, UriMatch } from '../route/matchers.ts';
import { canonicalPath } from './path.ts';
import { canonicalPattern } from './path-pattern.ts';

/** A condition on normalised paths. `segments` matches the path itself, and the paths below it. */
export type PathMatch =
  | { kind: 'exact' | 'prefix' | 'segments'; path: string }
  /** An RE2 pattern that must match the whole path. */
  | { kind: 'regex'; regex: string };

/** The canonical forms of conditions with percent-escapes. These take long to read, and several checks read them. */
const known = new WeakMap<UriMatch, PathMatch>();

/**
 * Reads a `uri` into its canonical form. A missing `uri` is the prefix `/`. `/foo/` and `/foo` are the same
 * `pathPrefix`.
 *
 * @example pathMatch({ pathPrefix: '/foo/' }) // { kind: 'segments', path: '/foo' }
 */
export function pathMatch(uri: UriMatch = {}): PathMatch {
  const { exact, prefix = '/', pathPrefix, regex } = uri;
  if (regex !== undefined) return { kind: 'regex', regex: canonicalPattern(regex) };
  if (!(exact ?? pathPrefix ?? prefix).includes('%')) return read({ exact, prefix, pathPrefix });
  let match = known.get(uri);
  if (!match) known.set(uri, (match = read({ exact, prefix, pathPrefix })));
  return match;
}

function read({
  exact,
  prefix,
  pathPrefix,
}: Record<'exact' | 'pathPrefix', string | undefined> & { prefix: string }): PathMatch {
  if (exact !== undefined) return { kind: 'exact', path: canonicalPath(exact) };
  if (pathPrefix === undefined) return { kind: 'prefix', path: canonicalPath(prefix, true) };
  return { kind: 'segments', path: canonicalPath(pathPrefix).replace(/\/+$/, '') || '/' };
}

/**
 * Reads the requirement that a condition makes of the path: its `uri`, or the service and method of a gRPC call.
 *
 * @example pathOf({ grpc: { service: { exact: 'shop.Cart' } } }) // { kind: 'prefix', path: '/shop.Cart/' }
 */
export const pathOf = ({ uri, grpc }: Pick<Match, 'uri' | 'grpc'>): PathMatch =>
  grpc ? grpcPath(grpc) : pathMatch(uri);

/** The path of a gRPC call is `/service/method`: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
function grpcPath({ service, method }: GrpcMatch): PathMatch {
  if (!service && !method) return { kind: 'prefix', path: '/' };
  if (service?.exact !== undefined && !method) return { kind: 'prefix', path: `/${service.exact}/` };
  if (service?.exact !== undefined && method?.exact !== undefined)
    return { kind: 'exact', path: `/${service.exact}/${method.exact}` };
  return { kind: 'regex', regex: `/${segment(service)}/${segment(method)}` };
}

function segment(match: StringMatch | undefined): string {
  if (!match) return '[^/]+';
  if (match.exact !== undefined) return pathPattern(match.exact);
  return match.prefix === undefined ? `(?:${match.regex})` : `${pathPattern(match.prefix)}[^/]*`;
}

/** Whether a condition matches every path. Only the patterns `.*` and `/.*` are known to. */
export const isEveryPath = (match: PathMatch): boolean =>
  match.kind === 'regex' ? match.regex === '.*' || match.regex === '/.*' : match.kind !== 'exact' && match.path === '/';

/** Whether a canonical path has percent-escapes with letters, such as `%2F`. Clients may write these in lower case. */
export const hasLetterEscapes = (path: string): boolean => /%(?:[0-9][A-F]|[A-F][0-9A-F])/.test(path);

/**
 * Returns an RE2 pattern that matches a canonical path, with its escapes in upper or lower case.
 *
 * @example pathPattern('/a%2Fb') // '/a%2[Ff]b'
 */
export const pathPattern = (path: string): string =>
  path
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/%[0-9A-F]{2}/g, (escaped) => escaped.replace(/[A-F]/g, (letter) => `[${letter}${letter.toLowerCase()}]`));

/**
 * Returns the RE2 pattern with which Envoy compares whole paths; undefined when Envoy compares them with a text.
 *
 * @param ignoreCase whether the condition ignores the case of letters
 */
export function pathRegex(match: PathMatch, ignoreCase: boolean): string | undefined {
  // RE2 has a flag for this; Envoy's `case_sensitive` does not apply to regular expressions.
  if (match.kind === 'regex') return ignoreCase ? `(?i)${match.regex}` : match.regex;
  if (ignoreCase || !hasLetterEscapes(match.path)) return undefined;
  return `${pathPattern(match.path)}${MORE[match.kind]}`;
}

const MORE = { exact: '', prefix: '.*', segments: '(?:/.*)?' } as const;
