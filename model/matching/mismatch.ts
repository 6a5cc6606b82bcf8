/**
 * Compares a request with a condition of a rule. The result is the same as that of Envoy with the condition that
 * `dataplane/compile` compiles.
 */

import type { Pausable } from '../pausable.ts';
import { matching } from '../regex/regex.ts';
import type { Match } from '../route/match.ts';
import type { GrpcMatch, HeaderMatch, StringMatch, UriMatch } from '../route/matchers.ts';
import { own } from '../values/own.ts';
import { pointer } from '../values/pointer.ts';
import { clipped, enumerate } from '../values/quote.ts';
import { sourcePattern } from '../values/source-pattern.ts';
import { upperCaseEscapes } from './path.ts';
import { type PathMatch, pathMatch, pathOf } from './uri.ts';

/** The header in which the edge writes the scheme of the connection. A client cannot set it. */
export const SCHEME_HEADER = 'x-forwarded-proto';
/** The header in which the edge writes the address of the client. A client cannot set it. */
export const SOURCE_HEADER = 'x-envoy-external-address';
/** The beginning of the content type of gRPC and gRPC-Web calls. */
export const GRPC_TYPE = 'application/grpc';

/** A request as conditions see it. */
export interface Request {
  method: string;
  /** The Host header as the client wrote it. */
  authority: string;
  /** Normalised, without the query. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  /** The values of each header, by name in lower case. */
  headers: Readonly<Record<string, readonly string[]>>;
}

/** A field of a condition that a request does not match. */
export interface Mismatch {
  /** JSON pointer to the field inside the condition, such as `/headers/end-user`. */
  field: string;
  /** A sentence for people. */
  why: string;
  /** The requirement of the field, for people: `exactly jason`. */
  expected: string;
}

/**
 * Compares a request with a condition, field by field. It pauses once per compared value, and within long comparisons.
 *
 * @returns the first field that does not match; undefined when all fields match
 */
export function* mismatching(match: Match, request: Request): Pausable<Mismatch | undefined> {
  const { uri, ignoreUriCase, grpc, method, headers = {}, withoutHeaders = {}, cookies = {}, queryParams = {} } = match;
  const { path } = request;
  if (uri && !(yield* matchesPath(pathMatch(uri), path, ignoreUriCase ?? false)))
    return differing(['uri'], `the path ${clipped(path)} does not match`, uri);
  if (grpc) {
    const not = yield* notTheCall(grpc, request);
    if (not) return not;
  }
  if (method && !(yield* matchesText(method, request.method)))
    return differing(['method'], `the method ${request.method} does not match`, method);
  const aboutClient = yield* notFrom(match, request);
  if (aboutClient) return aboutClient;
  for (const [name, want] of Object.entries(headers)) {
    if (yield* matchesHeader(want, own(request.headers, name))) continue;
    const why = Object.hasOwn(request.headers, name)
      ? `the header ${name} does not match`
      : `there is no header ${name}`;
    return differing(['headers', name], why, want);
  }
  for (const [name, unwanted] of Object.entries(withoutHeaders)) {
    // Envoy reads a missing header as an empty one here, unless the condition is `present`.
    const given = own(request.headers, name);
    const lines = unwanted.present ? given : (given ?? ['']);
    if (yield* matchesHeader(unwanted, lines))
      return differing(['withoutHeaders', name], `the header ${name} is one it must not have`, unwanted, 'not ');
  }
  const sent = cookiesOf(request.headers.cookie);
  for (const [name, want] of Object.entries(cookies)) {
    const value = sent.get(name);
    if (value !== undefined && (yield* matchesHeader(want, [value]))) continue;
    const why = value === undefined ? `there is no cookie ${name}` : `the cookie ${name} does not match`;
    return differing(['cookies', name], why, want);
  }
  const parameters = parse(request.query);
  for (const [name, want] of Object.entries(queryParams)) {
    const value = parameters.get(name);
    if (value === undefined || !(yield* matchesText(want, value)))
      return differing(['queryParams', name], `the query parameter ${name} does not match`, want);
  }
  return undefined;
}

/** Compares the scheme, the authority and the address of the client. */
function* notFrom({ scheme, authority, source }: Match, request: Request): Pausable<Mismatch | undefined> {
  const [actual = ''] = request.headers[SCHEME_HEADER] ?? [];
  if (scheme && !(yield* matchesText(scheme, actual)))
    return differing(['scheme'], `the scheme ${actual} does not match`, scheme);
  if (authority && !(yield* matchesText(authority, request.authority)))
    return differing(['authority'], `the authority ${clipped(request.authority)} does not match`, authority);
  if (!source) return undefined;
  const [address = ''] = request.headers[SOURCE_HEADER] ?? [];
  if (yield* matching(sourcePattern(source), address)) return undefined;
  const why = `the client ${address} is in none of the ranges`;
  return { field: pointer(['source']), why, expected: `an address in ${enumerate(source)}` };
}

/** Compares the path and the type of a gRPC call. */
function* notTheCall(grpc: GrpcMatch, { path, headers }: Request): Pausable<Mismatch | undefined> {
  const [type = ''] = headers['content-type'] ?? [];
  if (!type.startsWith(GRPC_TYPE))
    return differing(['grpc'], 'the content-type is not that of a gRPC call', { prefix: GRPC_TYPE });
  const wanted = pathOf({ grpc });
  if (yield* matchesPath(wanted, path, false)) return undefined;
  const expected = wanted.kind === 'regex' ? { regex: wanted.regex } : { [wanted.kind]: wanted.path };
  return differing(['grpc'], `the path ${clipped(path)} is not that of the call`, expected);
}

const WORDS: Record<string, string> = {
  exact: 'exactly',
  prefix: 'a text that begins with',
  pathPrefix: 'whole segments that begin with',
  regex: 'a text that matches',
};

function differing(path: string[], why: string, want: HeaderMatch | UriMatch, not = ''): Mismatch {
  const [form = '', value = ''] = Object.entries(want)[0] ?? [];
  const expected = form === 'present' ? 'any value' : `${WORDS[form]} ${clipped(String(value))}`;
  return { field: pointer(path), why, expected: not + expected };
}

function* matchesPath(match: PathMatch, path: string, ignoreCase: boolean): Pausable<boolean> {
  yield;
  if (match.kind === 'regex') return yield* matching(match.regex, path, ignoreCase);
  // Envoy ignores case only for ASCII letters, and a path contains only ASCII characters.
  const fold = (text: string) => (ignoreCase ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text);
  const [actual, wanted] = [fold(upperCaseEscapes(path)), fold(match.path)];
  if (match.kind === 'exact') return actual === wanted;
  if (match.kind === 'prefix') return actual.startsWith(wanted);
  return wanted === '/' || actual === wanted || actual.startsWith(`${wanted}/`);
}

/** Whether one of several values of a header matches. Envoy compares each value separately. */
function* matchesHeader(match: HeaderMatch, lines: readonly string[] = []): Pausable<boolean> {
  for (const line of lines) if (match.present === true || (yield* matchesText(match, line))) return true;
  return false;
}

/** Whether a text matches. It pauses once, and within long comparisons. */
export function* matchesText({ exact, prefix, regex }: StringMatch, value: string): Pausable<boolean> {
  yield;
  if (exact !== undefined) return value === exact;
  return prefix !== undefined ? value.startsWith(prefix) : yield* matching(regex ?? '', value);
}

/** Reads cookies as Envoy does: only the first of each name, and without the double quotes around a value. */
function cookiesOf(lines: readonly string[] = []): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const piece of lines.flatMap((line) => line.split(';'))) {
    const equals = piece.indexOf('=');
    if (equals === -1) continue;
    const name = piece.slice(0, equals).replace(/^ +/, '');
    if (!cookies.has(name)) cookies.set(name, piece.slice(equals + 1).replace(/^"(.*)"$/, '$1'));
  }
  return cookies;
}

/** Reads query parameters as Envoy does: without decoding, and only the first of each name. */
function parse(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.slice(1).split('&')) {
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    if (!parameters.has(name)) parameters.set(name, equals === -1 ? '' : pair.slice(equals + 1));
  }
  return parameters;
}
