/** Whether a request meets a condition: the same answer as Envoy gives for what `dataplane/compile` makes of the condition. */

import { matcher } from '../regex/regex.ts';
import type { Match } from '../route/match.ts';
import type { HeaderMatch, StringMatch, UriMatch } from '../route/matchers.ts';
import { upperCaseEscapes } from './path.ts';
import { pathMatch } from './uri.ts';

export interface Request {
  method: string;
  /** Normalised, without the query. */
  path: string;
  /** With its `?`, or empty. */
  query: string;
  /** By lower-case name; several values joined with commas. */
  headers: Readonly<Record<string, string>>;
}

/** The first field that does not hold, as people would say it; undefined when all do. */
export function mismatch(match: Match, request: Request): string | undefined {
  const { uri, ignoreUriCase, method, headers = {}, withoutHeaders = {}, queryParams = {} } = match;
  if (uri && !matchesUri(uri, request.path, ignoreUriCase ?? false)) return `the path ${request.path} does not match`;
  if (method && !matchesText(method, request.method)) return `the method ${request.method} does not match`;
  for (const [name, want] of Object.entries(headers)) {
    if (!matchesHeader(want, request.headers[name]))
      return name in request.headers ? `the header ${name} does not match` : `there is no header ${name}`;
  }
  for (const [name, unwanted] of Object.entries(withoutHeaders)) {
    // Envoy is told to take a missing header as an empty one; see compile/match.ts.
    if (matchesHeader(unwanted, unwanted.present ? request.headers[name] : (request.headers[name] ?? '')))
      return `the header ${name} is one it must not have`;
  }
  const parameters = parse(request.query);
  for (const [name, want] of Object.entries(queryParams)) {
    const value = parameters.get(name);
    if (value === undefined || !matchesText(want, value)) return `the query parameter ${name} does not match`;
  }
  return undefined;
}

function matchesUri(uri: UriMatch, path: string, ignoreCase: boolean): boolean {
  const match = pathMatch(uri);
  if (match.kind === 'regex') return matcher(match.regex, ignoreCase)(path);
  // ASCII only: what Envoy folds, and what a path holds.
  const fold = (text: string) => (ignoreCase ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text);
  const [actual, wanted] = [fold(upperCaseEscapes(path)), fold(match.path)];
  if (match.kind === 'exact') return actual === wanted;
  if (match.kind === 'prefix') return actual.startsWith(wanted);
  return wanted === '/' || actual === wanted || actual.startsWith(`${wanted}/`);
}

function matchesHeader(match: HeaderMatch, value: string | undefined): boolean {
  return value !== undefined && (match.present === true || matchesText(match, value));
}

function matchesText({ exact, prefix, regex }: StringMatch, value: string): boolean {
  if (exact !== undefined) return value === exact;
  return prefix !== undefined ? value.startsWith(prefix) : matcher(regex ?? '')(value);
}

/** Envoy compares parameters as written, and the first of each name. */
function parse(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.slice(1).split('&')) {
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    if (!parameters.has(name)) parameters.set(name, equals === -1 ? '' : pair.slice(equals + 1));
  }
  return parameters;
}
