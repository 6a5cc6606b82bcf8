/** Computes the effect of a rule: the destinations and the changed request, or the response of the edge. */
import type { Configuration } from '../configuration.ts';
import { denial, type Fleet } from '../fleet.ts';
import { rejectedBy, rewriteOf, rewritten } from '../matching/path-rewrite.ts';
import type { RankedRule } from '../matching/precedence.ts';
import { type ArrivedAt, hostOfAuthority, redirectTarget } from '../matching/redirect.ts';
import type { Pausable } from '../pausable.ts';
import { matching } from '../regex/regex.ts';
import type { Destination } from '../route/destination.ts';
import { type DirectResponse, isBodiless } from '../route/direct-response.ts';
import type { Fault } from '../route/fault.ts';
import type { HeaderChanges } from '../route/header-changes.ts';
import type { Match } from '../route/match.ts';
import { DEFAULT_REDIRECT_STATUS } from '../route/redirect.ts';
import { retriesOf } from '../route/retry.ts';
import type { Rule } from '../route/rule.ts';
import { type RuleShare, sharesOf } from '../route/shares.ts';
import { milliseconds } from '../values/duration.ts';
import { carries } from '../values/labels.ts';
import { formatReference, parseReference } from '../values/reference.ts';
import type { Arrival } from './arrival.ts';
import { type EdgeResponse, responseTo } from './edge-response.ts';
import { certainAbort } from './fault.ts';
import { inOneLine } from './request-headers.ts';

/** Where an upstream, or a subset of it, is found. */
export interface Place {
  upstream: string;
  subset?: string;
  /** The name of the cluster in Envoy's statistics and logs: `acme/reviews/v1`. */
  cluster: string;
  /** The number of endpoints to which the fleet may send requests. When it is 0, the response is 503. */
  endpoints: number;
}

/** One of the destinations of a rule, with its share of the requests. */
interface Share extends Place {
  weight: number;
  /** The share of the requests, in percent, with two decimals. */
  percent: number;
  /** The request as this destination receives it; absent when it is the request of the rule. */
  request?: UpstreamRequest;
  /** The changes to the headers of its responses, which apply after those of the rule. */
  responseHeaders?: HeaderChanges;
}

/** A share of the requests that the edge answers itself. */
interface AnsweredShare {
  weight: number;
  percent: number;
  answer: EdgeResponse;
  /** The changes to the headers of the response, which apply after those of the rule. */
  responseHeaders?: HeaderChanges;
}

/** A request as an upstream receives it. */
interface UpstreamRequest {
  method: string;
  authority: string;
  path: string;
  headers: Record<string, string[]>;
}

/** A destination that gets copies of the requests. `percent` is the share of the requests that are copied. */
type Copies = Omit<Share, 'weight' | 'request' | 'responseHeaders'>;

/** The effect of a rule that forwards a request. */
export interface Forwarded {
  destinations: Share[];
  /** The shares that no upstream gets; absent when there are none. */
  answers?: AnsweredShare[];
  /** After which failures the request is sent again, and how often at most; absent when it is sent once. */
  retries?: { attempts: number; on: (string | number)[] };
  /** The faults that the edge injects into the requests, as the rule defines them. */
  fault?: Fault;
  /** Absent when the rule has no mirrors. */
  mirrors?: Copies[];
  /** The request as the upstream receives it, unless the destination has changes of its own. */
  request: UpstreamRequest;
  /** The time until the response is complete, such as `5s`; absent: no limit. */
  timeout?: string;
  /** The time without data after which the stream ends; absent: the default. */
  idleTimeout?: string;
  /** The time until both the request and the response are complete; absent: no limit. */
  streamTimeout?: string;
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
  const { spec, condition } = rule;
  const entries = spec.route ?? [];
  const shares = sharesOf(spec);
  const portions = portionsOf(entries);
  const destinations: Share[] = [];
  const answers: AnsweredShare[] = [];
  const abort = certainAbort(spec.fault, arrival);
  for (const [index, { destination, directResponse, headers, rewrite }] of entries.entries()) {
    yield;
    const portion = portions[index]!;
    if (directResponse) answers.push({ ...portion, answer: directResponseTo(directResponse, arrival) });
    if (!destination) continue;
    // A rule with one share has its changes in the request of the rule, and explain rejects its dot segments.
    const own = shares.length > 1 ? shares[index] : undefined;
    if (own && (yield* breaksPath(own.spec, condition, arrival.path))) {
      answers.push({ ...portion, answer: responseTo(arrival, { status: 403 }) });
      continue;
    }
    if (abort) {
      answers.push({ ...portion, answer: abort, ...(headers?.response && { responseHeaders: headers.response }) });
      continue;
    }
    destinations.push({
      ...placeOfDestination(configuration, tenant, fleet, destination),
      ...portion,
      ...(own && (headers?.request ?? rewrite) && { request: yield* upstreamRequest(own, condition, arrival) }),
      ...(headers?.response && { responseHeaders: headers.response }),
    });
  }
  const mirrors: Copies[] = [];
  for (const { destination, percentage: percent = 100 } of spec.mirrors ?? []) {
    yield;
    const { upstream, subset } = destination;
    mirrors.push({
      upstream,
      ...(subset !== undefined && { subset }),
      cluster: [ownedBy(tenant, upstream), subset ?? '', 'mirror'].join('/'),
      percent,
      endpoints: endpointsOf(configuration, fleet, upstream, subset),
    });
  }
  const retries = spec.retries && retriesOf(spec.retries, arrival.method);
  const [only] = shares;
  const ofRule = shares.length === 1 ? only! : { spec, request: spec.headers?.request ? [spec.headers.request] : [] };
  return {
    destinations,
    ...(answers.length > 0 && { answers }),
    ...(retries && { retries }),
    ...(spec.fault && { fault: spec.fault }),
    ...(mirrors.length > 0 && { mirrors }),
    request: yield* upstreamRequest(ofRule, condition, arrival),
    ...(spec.timeout !== undefined && milliseconds(spec.timeout) !== 0 && { timeout: spec.timeout }),
    ...(spec.idleTimeout !== undefined && { idleTimeout: spec.idleTimeout }),
    ...(spec.streamTimeout !== undefined && { streamTimeout: spec.streamTimeout }),
  };
}

/** Returns the share of each entry of a rule's `route`. A single entry gets everything. */
export function portionsOf(entries: readonly { weight?: number | undefined }[]): Pick<Share, 'weight' | 'percent'>[] {
  const sum = entries.reduce((total, { weight = 0 }) => total + weight, 0);
  return entries.map(({ weight = 0 }) =>
    entries.length === 1
      ? { weight: weight || 1, percent: 100 }
      : { weight, percent: Math.round((weight / sum) * 10_000) / 100 },
  );
}

/** Returns the place of a destination. @param tenant the tenant that owns the configuration */
export const placeOfDestination = (
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  { upstream, subset }: Destination,
): Place => ({
  upstream,
  ...(subset !== undefined && { subset }),
  cluster: [ownedBy(tenant, upstream), ...(subset === undefined ? [] : [subset])].join('/'),
  endpoints: endpointsOf(configuration, fleet, upstream, subset),
});

/** Computes the request that the destinations of a share receive. */
function* upstreamRequest(
  { spec, request }: Pick<RuleShare, 'spec' | 'request'>,
  condition: Match,
  arrival: Arrival,
): Pausable<UpstreamRequest> {
  const newAuthority = spec.rewrite?.authority;
  const headers = request.reduce(changed, arrival.headers);
  // Envoy adds this header after it applied the changes of the rule.
  const forwardedHost =
    newAuthority === undefined ? undefined : inOneLine([...(headers['x-forwarded-host'] ?? []), arrival.authority]);
  const path = rewriteOf(spec, condition);
  return {
    method: arrival.method,
    authority: newAuthority ?? arrival.authority,
    path: (path ? yield* rewritten(path, arrival.path) : arrival.path) + arrival.query,
    headers: { ...headers, ...(forwardedHost && { 'x-forwarded-host': forwardedHost }) },
  };
}

/** Whether the edge rejects a request because its rewritten path would have a dot segment or two slashes in a row. */
export function* breaksPath(spec: Rule, condition: Match, path: string): Pausable<boolean> {
  const rejected = rejectedBy(rewriteOf(spec, condition));
  return rejected !== undefined && (yield* matching(rejected, path));
}

function endpointsOf(configuration: Configuration, fleet: Fleet, name: string, subset: string | undefined): number {
  const upstream = configuration.get('upstream', name);
  const labels = subset === undefined ? {} : upstream?.subsets?.find((each) => each.name === subset)?.labels;
  if (!upstream || !labels) return 0;
  return upstream.endpoints.filter((each) => carries(each.labels, labels) && denial(fleet, each.address) === undefined)
    .length;
}

/** Applies changes to headers: first `remove`, then `set`, then `add`. */
function changed(headers: Arrival['headers'], { set = {}, add = {}, remove = [] }: HeaderChanges) {
  // Names may be those of members that every object inherits.
  const all: Record<string, string[]> = Object.assign(Object.create(null), headers);
  for (const name of remove) delete all[name];
  for (const [name, value] of Object.entries(set)) all[name] = [value];
  for (const [name, value] of Object.entries(add)) {
    // Envoy has one value of this header, to which it appends texts, but nothing for an empty one.
    if (name === 'x-forwarded-host' && value === '' && all[name]) continue;
    all[name] = [...(all[name] ?? []), value];
  }
  return all;
}

/** Returns the direct response to a request. */
export function directResponseTo(
  { status, body, contentType, headers }: DirectResponse,
  arrival: Arrival,
): EdgeResponse {
  const sent = isBodiless(status) ? undefined : body;
  const all = { ...headers, ...(contentType !== undefined && sent && { 'content-type': contentType }) };
  return responseTo(arrival, {
    status,
    ...(sent !== undefined && { body: sent }),
    ...(Object.keys(all).length > 0 && { headers: all }),
  });
}

/**
 * Returns the response of a rule with `redirect` to a request.
 *
 * @param rule a rule with `redirect`
 * @param at the scope that the request found
 */
export function* redirectOf({ spec, condition }: RankedRule, arrival: Arrival, at: ArrivedAt): Pausable<EdgeResponse> {
  const { status = DEFAULT_REDIRECT_STATUS } = spec.redirect!;
  const {
    scheme,
    host = hostOfAuthority(arrival.authority),
    port,
    path,
  } = redirectTarget(spec.redirect!, condition, at);
  const newPath = path ? yield* rewritten(path, arrival.path) : arrival.path;
  return responseTo(arrival, { status, location: `${scheme}://${host}${port}${newPath}${arrival.query}` });
}

/** Returns the owner and the name of an upstream. @param tenant the owner of upstreams that are named without one */
const ownedBy = (tenant: string, upstream: string): string => formatReference({ tenant, ...parseReference(upstream) });
