/**
 * Makes requests for the comparison of two configurations. For a condition, it makes a small request that matches, and
 * variants that differ from it in one field.
 */
import { GRPC_TYPE } from '../matching/mismatch.ts';
import { canonicalPattern } from '../matching/path-pattern.ts';
import { HEADERS_ASKED, METHOD_ASKED } from '../matching/preflight.ts';
import { pathOf } from '../matching/uri.ts';
import { sampleOf } from '../regex/sample.ts';
import { ANY, type Cors } from '../route/cors.ts';
import type { Match } from '../route/match.ts';
import type { HeaderMatch, StringMatch } from '../route/matchers.ts';
import { isSecured, type Protocol } from '../values/protocol.ts';
import type { ClientRequest } from './arrival.ts';
import { canonicalHost } from './lookup.ts';

/** The parts of a request that conditions can test. */
export interface Candidate {
  method: string;
  path: string;
  /** Query parameters by name, not escaped. */
  query: Record<string, string>;
  headers: Record<string, string>;
  /** Absent: the host that is compared, without a port. */
  authority?: string;
  /** The address of the client. */
  source?: string;
}

/** The values of a request for the fields that no condition restricts. */
const PLAIN: Candidate = { method: 'GET', path: '/', query: {}, headers: {} };

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'];
/** A text that is unlikely to match a condition. */
const OTHER = 'gatehouse-other';

/**
 * Makes requests from a condition: first a request that matches all fields, then variants of it, field by field.
 *
 * @param condition a condition of a rule; `{}` matches every request
 * @param rewritten the patterns with which the rule rewrites paths
 */
export function* candidatesFor(condition: Match, rewritten: readonly string[] = []): Generator<Candidate> {
  const base = matchingCandidate(condition);
  yield base;
  for (const pattern of rewritten) yield { ...base, path: pathFor({ uri: { regex: pattern } }) };
  for (const path of pathsBeside(condition, base.path)) yield { ...base, path };
  if (condition.ignoreUriCase) yield { ...base, path: base.path.toUpperCase() };
  for (const method of METHODS) if (condition.method && method !== base.method) yield { ...base, method };
  for (const [name, match] of Object.entries(condition.headers ?? {})) {
    yield { ...base, headers: without(base.headers, name) };
    yield { ...base, headers: { ...base.headers, [name]: OTHER } };
    if (match.prefix) yield { ...base, headers: { ...base.headers, [name]: `${match.prefix}x` } };
  }
  for (const [name, match] of Object.entries(condition.withoutHeaders ?? {}))
    yield { ...base, headers: { ...base.headers, [name]: textFor(match) } };
  yield* aboutClient(condition, base);
  for (const name of Object.keys(condition.queryParams ?? {})) {
    yield { ...base, query: without(base.query, name) };
    yield { ...base, query: { ...base.query, [name]: OTHER } };
  }
}

/** The origin of a page that no rule is likely to allow. */
const STRANGER = 'https://gatehouse-other.example';

/**
 * Makes variants of a request from pages of other origins, each with its preflight.
 *
 * @param allowed the `cors` of rules of the host
 */
export function* crossOrigin(condition: Match, allowed: readonly Cors[]): Generator<Candidate> {
  const base = matchingCandidate(condition);
  if (allowed.length === 0) return;
  const origins = allowed.flatMap(({ allowOrigins }) =>
    allowOrigins.map(({ exact, prefix, regex }) => (exact === ANY ? STRANGER : textFor({ exact, prefix, regex }))),
  );
  const names = Object.keys(base.headers).sort().join(',');
  for (const origin of new Set([...origins, STRANGER])) {
    if (origin === '') continue;
    yield { ...base, headers: { ...base.headers, origin } };
    const headers = { origin, [METHOD_ASKED]: base.method, ...(names !== '' && { [HEADERS_ASKED]: names }) };
    yield { ...base, method: 'OPTIONS', headers };
  }
}

/** Makes variants of a request with other cookies, another authority, another client, and without being a gRPC call. */
function* aboutClient({ cookies = {}, authority, source, grpc }: Match, base: Candidate): Generator<Candidate> {
  const withCookies = (changed: Record<string, HeaderMatch>, more: string[] = []) => ({
    ...base,
    headers: { ...base.headers, cookie: [...cookiesFor(changed), ...more].join('; ') },
  });
  for (const name of Object.keys(cookies)) {
    yield withCookies(without(cookies, name));
    yield withCookies(without(cookies, name), [`${name}=${OTHER}`]);
  }
  const { authority: _, source: __, ...elsewhere } = base;
  if (authority) yield elsewhere;
  if (source) yield elsewhere;
  if (grpc) yield { ...base, headers: without(base.headers, 'content-type') };
}

const cookiesFor = (cookies: Record<string, HeaderMatch>): string[] =>
  Object.entries(cookies).map(([name, match]) => `${name}=${textFor(match)}`);

/**
 * Makes a request that matches every field of a condition. The request does not match if the sample text of a pattern
 * does not match the pattern.
 */
function matchingCandidate(condition: Match): Candidate {
  const {
    grpc,
    method,
    authority,
    headers = {},
    withoutHeaders = {},
    cookies = {},
    queryParams = {},
    source,
  } = condition;
  const texts = (map: Record<string, HeaderMatch>) =>
    Object.fromEntries(Object.entries(map).map(([name, match]) => [name, textFor(match)]));
  const own = texts(headers);
  // In `withoutHeaders`, Envoy reads a missing header as an empty one. A pattern may match that, so a value is sent.
  for (const [name, match] of Object.entries(withoutHeaders))
    if (!Object.hasOwn(own, name) && match.regex !== undefined && !match.present) own[name] = OTHER;
  if (grpc) own['content-type'] ??= GRPC_TYPE;
  const sent = cookiesFor(cookies);
  if (sent.length > 0) own.cookie ??= sent.join('; ');
  return {
    method: grpc
      ? 'POST'
      : method
        ? (method.exact ?? METHODS.find((each) => matchesMethod(method, each)) ?? PLAIN.method)
        : PLAIN.method,
    path: pathFor(condition),
    query: texts(queryParams),
    headers: own,
    ...(authority && { authority: textFor(authority) }),
    ...(source && { source: firstOf(source[0]!) }),
  };
}

const matchesMethod = ({ prefix, regex }: StringMatch, method: string): boolean =>
  prefix === undefined ? sampleOf(regex ?? '') === method : method.startsWith(prefix);

function textFor({ exact, prefix, regex, present }: HeaderMatch): string {
  if (present) return '1';
  return exact ?? prefix ?? sampleOf(regex ?? '') ?? '';
}

/** Returns the first address of a range. */
const firstOf = (cidr: string): string => cidr.replace(/\/.*/, '');

function pathFor({ uri, grpc }: Match): string {
  if (grpc) {
    const path = pathOf({ grpc });
    return (path.kind === 'regex' ? sampleOf(path.regex) : path.path) ?? PLAIN.path;
  }
  if (!uri) return PLAIN.path;
  const path = uri.exact ?? uri.pathPrefix ?? uri.prefix ?? sampleOf(canonicalPattern(uri.regex ?? ''));
  // A path in JSON may contain half of a surrogate pair, which has no UTF-8 form.
  return path?.startsWith('/') ? encodeURI(decoded(path).toWellFormed()) : PLAIN.path;
}

/** Decodes escapes of characters outside ASCII, so that they are not escaped twice. Other escapes and `%` stay. */
const decoded = (path: string): string => path.replace(/%(?:[0-9a-fA-F]{2})+/g, (all) => tryDecode(all));

function tryDecode(escapes: string): string {
  // Escapes of ASCII characters stay, because an escaped slash is not a slash.
  if (/%[0-7]/.test(escapes)) return escapes;
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes;
  }
}

function pathsBeside({ uri, grpc }: Match, path: string): string[] {
  const inside = path.endsWith('/') ? `${path}x` : `${path}/x`;
  if (!uri && !grpc) return [`/${OTHER}`];
  const above = path.replace(/\/[^/]*\/?$/, '') || '/';
  return [inside, `${path}x`, `${path}/`, `/${OTHER}`, above];
}

const without = <T>(map: Record<string, T>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(map).filter(([each]) => each !== name));

/** A request that two configurations answer differently, ready to send. */
export interface WitnessRequest extends ClientRequest {
  scheme: 'http' | 'https';
  port: number;
  method: string;
  path: string;
  headers: Record<string, string>;
}

/**
 * Makes a complete request for one host and port from a candidate.
 *
 * @param protocol the protocol of the port
 * @returns a request whose query is escaped
 */
export function requestFor(
  { method, path, query, headers, authority: named, source }: Candidate,
  { port, protocol, authority }: { port: number; protocol: Protocol; authority: string },
): WitnessRequest {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${value.replaceAll('&', '%26')}`);
  return {
    scheme: isSecured[protocol] ? 'https' : 'http',
    port,
    // A request for another host would say nothing about this one.
    authority: named !== undefined && canonicalHost(named) === canonicalHost(authority) ? named : authority,
    ...(source !== undefined && { clientAddress: source }),
    method,
    path:
      path.replaceAll('?', '%3F') +
      (pairs.length > 0 ? `?${pairs.join('&').replace(/[\s#]/g, encodeURIComponent)}` : ''),
    headers,
  };
}
