/** Computes the effect of a rule: the destinations and the changed request, or the response of the edge. */
import type { Configuration } from '../configuration.ts';
import { denial, type Fleet } from '../fleet.ts';
import { rewriteOf, rewritten } from '../matching/path-rewrite.ts';
import type { RankedRule } from '../matching/precedence.ts';
import { type ArrivedAt, hostOfAuthority, redirectTarget } from '../matching/redirect.ts';
import type { Pausable } from '../pausable.ts';
import { isBodiless } from '../route/direct-response.ts';
import type { HeaderChanges } from '../route/header-changes.ts';
import { DEFAULT_REDIRECT_STATUS } from '../route/redirect.ts';
import { milliseconds } from '../values/duration.ts';
import { carries } from '../values/labels.ts';
import type { Arrival } from './arrival.ts';
import { inOneLine } from './request-headers.ts';

/** One of the destinations of a rule, with its share of the requests. */
interface Share {
  upstream: string;
  subset?: string;
  /** The name of the cluster in Envoy's statistics and logs: `acme/reviews/v1`. */
  cluster: string;
  weight: number;
  /** The share of the requests, in percent, with two decimals. */
  percent: number;
  /** The number of endpoints to which the fleet may send requests. When it is 0, the response is 503. */
  endpoints: number;
}

/** The effect of a rule that forwards a request. */
export interface Forwarded {
  destinations: Share[];
  /** The request as the upstream receives it. */
  request: { method: string; authority: string; path: string; headers: Record<string, string[]> };
  /** The time until the response is complete, such as `5s`; absent: no limit. */
  timeout?: string;
}

/** A response that the edge generates, without an upstream. */
export interface EdgeResponse {
  status: number;
  /** The `grpc-status`, for a gRPC request. The HTTP status is 200 then. */
  grpcStatus?: number;
  body?: string;
  location?: string;
}

/**
 * Computes where a rule with destinations sends a request, and the request as the upstream receives it. It pauses once
 * per destination.
 *
 * @param tenant the tenant that owns the configuration
 * @param rule a rule with `route`
 * @param arrival the request as routes see it
 */
export function* forwarding(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  rule: RankedRule,
  arrival: Arrival,
): Pausable<Forwarded> {
  const { spec } = rule;
  const weights = (spec.route ?? []).map(({ weight }) => weight ?? 0);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const destinations: Share[] = [];
  for (const [index, { destination }] of (spec.route ?? []).entries()) {
    yield;
    const { upstream, subset } = destination;
    const only = weights.length === 1;
    destinations.push({
      upstream,
      ...(subset !== undefined && { subset }),
      cluster: [tenant, upstream, ...(subset === undefined ? [] : [subset])].join('/'),
      weight: only ? weights[0] || 1 : weights[index]!,
      percent: only ? 100 : Math.round((weights[index]! / sum) * 10_000) / 100,
      endpoints: endpointsOf(configuration, fleet, upstream, subset),
    });
  }
  const newAuthority = spec.rewrite?.authority;
  const headers = changed(arrival.headers, spec.headers?.request ?? {});
  // Envoy adds this header after it applied the changes of the rule.
  if (newAuthority !== undefined)
    headers['x-forwarded-host'] = inOneLine([...(headers['x-forwarded-host'] ?? []), arrival.authority]);
  return {
    destinations,
    request: {
      method: arrival.method,
      authority: newAuthority ?? arrival.authority,
      path: rewrittenPath(rule, arrival.path) + arrival.query,
      headers,
    },
    ...(spec.timeout !== undefined && milliseconds(spec.timeout) !== 0 && { timeout: spec.timeout }),
  };
}

function endpointsOf(configuration: Configuration, fleet: Fleet, name: string, subset: string | undefined): number {
  const upstream = configuration.get('upstream', name);
  const labels = subset === undefined ? {} : upstream?.subsets?.find((each) => each.name === subset)?.labels;
  if (!upstream || !labels) return 0;
  return upstream.endpoints.filter((each) => carries(each.labels, labels) && denial(fleet, each.address) === undefined)
    .length;
}

/** Returns the path that the upstream receives, without the query. */
function rewrittenPath({ spec, condition }: RankedRule, path: string): string {
  const rewrite = rewriteOf(spec, condition);
  return rewrite ? rewritten(rewrite, path) : path;
}

/** Applies changes to headers: first `remove`, then `set`, then `add`. */
function changed(headers: Arrival['headers'], { set = {}, add = {}, remove = [] }: HeaderChanges) {
  const all: Record<string, string[]> = { ...headers };
  for (const name of remove) delete all[name];
  for (const [name, value] of Object.entries(set)) all[name] = [value];
  for (const [name, value] of Object.entries(add)) all[name] = [...(all[name] ?? []), value];
  return all;
}

/**
 * Returns the response of a rule with `directResponse` to a request.
 *
 * @param rule a rule with `directResponse`
 */
export function directResponseTo(rule: RankedRule, arrival: Arrival): EdgeResponse {
  const { status, body } = rule.spec.directResponse!;
  return responseTo(arrival, { status, ...(body !== undefined && !isBodiless(status) && { body }) });
}

/**
 * Returns the response of a rule with `redirect` to a request.
 *
 * @param rule a rule with `redirect`
 * @param at the scope that the request found
 */
export function redirectOf({ spec, condition }: RankedRule, arrival: Arrival, at: ArrivedAt): EdgeResponse {
  const { status = DEFAULT_REDIRECT_STATUS } = spec.redirect!;
  const {
    scheme,
    host = hostOfAuthority(arrival.authority),
    port,
    path,
  } = redirectTarget(spec.redirect!, condition, at);
  const newPath = path ? rewritten(path, arrival.path) : arrival.path;
  return responseTo(arrival, { status, location: `${scheme}://${host}${port}${newPath}${arrival.query}` });
}

/**
 * Adapts a response of the edge to the request. Envoy answers gRPC requests with the HTTP status 200 and sends the
 * error in `grpc-status`.
 *
 * @param answer the response to a request that is not gRPC
 */
export function responseTo({ headers }: Pick<Arrival, 'headers'>, answer: EdgeResponse): EdgeResponse {
  const isGrpc = /^application\/grpc(?:$|[+;])/.test((headers['content-type'] ?? []).join());
  return isGrpc ? { ...answer, status: 200, grpcStatus: GRPC[answer.status] ?? 2 } : answer;
}

/** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
const GRPC: Record<number, number> = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 };
