/** Computes the responses of a rule with `cors`: those to preflights, and the headers of all others. */
import type { RankedRule } from '../matching/precedence.ts';
import { HEADERS_ASKED, hasPreflights, MAX_ASKED, METHOD_ASKED, type Step, stepsOf } from '../matching/preflight.ts';
import type { Pausable } from '../pausable.ts';
import { matching } from '../regex/regex.ts';
import { ANY, type Cors } from '../route/cors.ts';
import { milliseconds } from '../values/duration.ts';
import type { Arrival } from './arrival.ts';
import type { EdgeResponse } from './edge-response.ts';
import { type EdgeRejection, rejection } from './rejection.ts';

/** Whether the edge reads a request as a preflight. */
export const isPreflight = ({ method, headers }: Pick<Arrival, 'method' | 'headers'>): boolean =>
  method === 'OPTIONS' && originOf({ headers }) !== '' && (headers[METHOD_ASKED]?.[0] ?? '') !== '';

const originOf = ({ headers }: Pick<Arrival, 'headers'>): string => headers.origin?.[0] ?? '';

/** Returns the response to a preflight. Without `access-control-allow-origin`, the browser does not send the request. */
export function* preflightAnswer(cors: Cors, arrival: Arrival): Pausable<EdgeResponse> {
  const { allowMethods = [], allowHeaders = [], exposeHeaders = [], maxAge, allowCredentials } = cors;
  const origin = originOf(arrival);
  const isAllowed = yield* allows(cors, origin);
  const headers = {
    ...(isAllowed && { 'access-control-allow-origin': origin }),
    ...(allowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(allowMethods.length > 0 && { 'access-control-allow-methods': listed(allowMethods, arrival, METHOD_ASKED) }),
    ...(allowHeaders.length > 0 && { 'access-control-allow-headers': listed(allowHeaders, arrival, HEADERS_ASKED) }),
    ...(isAllowed && exposeHeaders.length > 0 && { 'access-control-expose-headers': exposeHeaders.join(',') }),
    ...(maxAge !== undefined && { 'access-control-max-age': String(milliseconds(maxAge)! / 1000) }),
  };
  return { status: 200, headers };
}

/** Returns the value of a list. Where everything is allowed, Envoy allows what the preflight asks for. */
const listed = (allowed: readonly string[], { headers }: Arrival, asked: string): string =>
  allowed.join(',') === ANY ? (headers[asked]?.[0] ?? '') : allowed.join(',');

/** Returns the headers that `cors` of a rule writes in the response to a request that is no preflight. */
export function* corsHeaders(cors: Cors, arrival: Arrival): Pausable<Record<string, string>> {
  const origin = originOf(arrival);
  if (!(yield* allows(cors, origin))) return { vary: 'Origin' };
  const { allowCredentials, exposeHeaders = [] } = cors;
  return {
    'access-control-allow-origin': origin,
    ...(allowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(exposeHeaders.length > 0 && { 'access-control-expose-headers': exposeHeaders.join(',') }),
    vary: 'Origin',
  };
}

function* allows({ allowOrigins }: Cors, origin: string): Pausable<boolean> {
  if (origin === '') return false;
  for (const { exact, prefix, regex } of allowOrigins) {
    yield;
    if (exact === ANY || exact === origin) return true;
    if (prefix !== undefined && origin.startsWith(prefix)) return true;
    if (regex !== undefined && (yield* matching(regex, origin))) return true;
  }
  return false;
}

/**
 * Returns the conditions of a host in the order in which the edge tries them for a request, with those of preflights if
 * the request may match one; or the response to a preflight that is too long.
 *
 * @param rules the rules of the host, in order
 */
export function stepsFor(
  rules: Iterable<RankedRule>,
  { method, headers }: Arrival,
): Iterable<Step> | { rejected: EdgeRejection } {
  // Nearly all requests match only the conditions of the rules. A host may have very many, so they are not collected.
  if (!(METHOD_ASKED in headers || HEADERS_ASKED in headers)) return plainSteps(rules);
  const steps = [...stepsOf([...rules])];
  for (const [name, limit] of Object.entries(MAX_ASKED))
    if (method === 'OPTIONS' && lengthOf(headers[name]?.[0] ?? '') > limit && hasPreflights(steps))
      return { rejected: rejection(400, `the header ${name} is longer than ${limit} bytes`) };
  return steps;
}

function* plainSteps(rules: Iterable<RankedRule>): Generator<Step> {
  for (const rule of rules) yield { rule, condition: rule.condition, isPreflight: false };
}

const lengthOf = (text: string): number => new TextEncoder().encode(text).length;
