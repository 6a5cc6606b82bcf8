/**
 * Compares a request with a condition of a rule. The result is the same as that of Envoy with the condition that
 * `dataplane/compile` compiles.
 */

import type { Pausable } from '../pausable.ts';
import { matching } from '../regex/regex.ts';
import type { Match } from '../route/match.ts';
import type { HeaderMatch, StringMatch, UriMatch } from '../route/matchers.ts';
import { pointer } from '../values/pointer.ts';
import { clipped } from '../values/quote.ts';
import { upperCaseEscapes } from './path.ts';
import { pathMatch } from './uri.ts';

/** A request as conditions see it. */
export interface Request {
  method: string;
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
  const { uri, ignoreUriCase, method, headers = {}, withoutHeaders = {}, queryParams = {} } = match;
  const { path } = request;
  if (uri && !(yield* matchesUri(uri, path, ignoreUriCase ?? false)))
    return differing(['uri'], `the path ${clipped(path)} does not match`, uri);
  if (method && !(yield* matchesText(method, request.method)))
    return differing(['method'], `the method ${request.method} does not match`, method);
  for (const [name, want] of Object.entries(headers)) {
    if (yield* matchesHeader(want, request.headers[name])) continue;
    const why = name in request.headers ? `the header ${name} does not match` : `there is no header ${name}`;
    return differing(['headers', name], why, want);
  }
  for (const [name, unwanted] of Object.entries(withoutHeaders)) {
    // Envoy reads a missing header as an empty one here, unless the condition is `present`.
    const lines = unwanted.present ? request.headers[name] : (request.headers[name] ?? ['']);
    if (yield* matchesHeader(unwanted, lines))
      return differing(['withoutHeaders', name], `the header ${name} is one it must not have`, unwanted, 'not ');
  }
  const parameters = parse(request.query);
  for (const [name, want] of Object.entries(queryParams)) {
    const value = parameters.get(name);
    if (value === undefined || !(yield* matchesText(want, value)))
      return differing(['queryParams', name], `the query parameter ${name} does not match`, want);
  }
  return undefined;
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

function* matchesUri(uri: UriMatch, path: string, ignoreCase: boolean): Pausable<boolean> {
  yield;
  const match = pathMatch(uri);
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

function* matchesText({ exact, prefix, regex }: StringMatch, value: string): Pausable<boolean> {
  yield;
  if (exact !== undefined) return value === exact;
  return prefix !== undefined ? value.startsWith(prefix) : yield* matching(regex ?? '', value);
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
