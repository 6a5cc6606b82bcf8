/** Explains which rule serves a request, how the rule changes it, and why other rules do not serve it (PRODUCT R9). */
import { MESH_PORT, servesMesh } from '../binding/mesh.ts';
import type { Scope } from '../binding/scope-table.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, portsAt } from '../fleet.ts';
import { writtenAt } from '../matching/delegation.ts';
import { LOOP_ENDED, LOOP_HEADER, MOST_PASSES, TOO_MANY_PASSES } from '../matching/loops.ts';
import { DOT_SEGMENT_WITH_PARAMETERS, withoutEscapedSlashes } from '../matching/path.ts';
import type { RankedRule } from '../matching/precedence.ts';
import { hostOfAuthority, redirectTarget } from '../matching/redirect.ts';
import { noRouteBody } from '../no-route.ts';
import { type Pausable, withoutPauses } from '../pausable.ts';
import { type HostPattern, normalise } from '../values/host.ts';
import { isSecured } from '../values/protocol.ts';
import { enumerate } from '../values/quote.ts';
import { MESH } from '../values/reference.ts';
import { type Arrival, arrive, type ClientRequest, serverNameOf } from './arrival.ts';
import type { ForwardedConnection } from './connection.ts';
import { Edge, type FoundScope, type Others } from './edge.ts';
import { type EdgeResponse, responseTo } from './edge-response.ts';
import type { Forwarded } from './effect.ts';
import { boundToOtherServers, type Entrance, entranceOf, whyNotAdmitted } from './entrance.ts';
import { ofOtherTenant } from './other-tenant.ts';
import type { EdgeRejection } from './rejection.ts';
import { serving } from './serving.ts';
import { hostLookedUp, whyMisdirected, whyOtherProfile, withoutRequests } from './tls.ts';
import { type Tried, trying } from './trying.ts';

export type { ClientRequest } from './arrival.ts';

/** The fields of an explanation with any outcome. */
interface CommonFields {
  port: number;
  scheme: 'http' | 'https';
  /** A sentence for people. */
  why: string;
  /** The request as routes see it; absent when the edge rejects it earlier. */
  arrival?: Arrival;
  /** The host pattern whose rules serve the request. */
  host?: HostPattern;
  /** The server that admits the request. */
  entrance?: Entrance;
  /** The conditions that did not match, in order; the first {@link MAX_LISTED}. */
  tried: Tried[];
  /** The number of further conditions that did not match. */
  moreTried: number;
}

/** The rule that serves a request with its effect, or the response of the edge; and the reasons. */
export type Explanation = CommonFields &
  (
    | {
        outcome: 'matched';
        rule: RankedRule;
        effect: Forwarded | EdgeResponse;
        /** The response headers that `cors` of the rule writes. Absent for preflights, whose answer has them. */
        cors?: Record<string, string>;
        status?: undefined;
      }
    | { outcome: 'redirect'; status: 301 | 307; location: string; answer: EdgeResponse }
    | { outcome: 'rejected'; status: EdgeRejection['status'] | 503; answer: EdgeResponse }
    | { outcome: 'misdirected'; status: 421; answer: EdgeResponse }
    | { outcome: 'not-found'; status: 404; answer: EdgeResponse }
    /** The edge forwards the connection, or the datagrams, without reading requests. */
    | { outcome: 'forwarded'; status?: undefined; connection: ForwardedConnection }
    /** Another tenant has the host of the request, the server name of the connection, or the port. */
    | { outcome: 'other-tenant'; status?: undefined }
    /** The client gets no connection, and so no answer. */
    | { outcome: 'refused'; status?: undefined }
  );

/**
 * Finds the rule that serves a request, and the effect of the rule. It pauses once per field of a condition, and within
 * long comparisons.
 *
 * @param tenant the tenant that owns the configuration
 * @param fleet the fleet that receives the request
 * @param others what the fleet serves to other tenants, as far as the request depends on it
 */
export function* explaining(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  request: ClientRequest,
  others: Others = {},
): Pausable<Explanation> {
  const { port, scheme } = connectionOf(request, fleet);
  const none = { port, scheme, tried: [], moreTried: 0 };
  const edge = new Edge(fleet, { tenant, configuration }, others);
  yield;
  const closed = port === MESH_PORT ? undefined : withoutRequests(edge, { port, scheme, request });
  if (closed) return { ...none, ...closed };
  const underscores = fleet.ports.find((each) => each.number === port && each.headers)?.headers?.underscores;
  const arrival = arrive(request, scheme, underscores);
  if ('status' in arrival) return { ...none, outcome: 'rejected', answer: { status: arrival.status }, ...arrival };
  const rejected = (
    status: 400 | 403 | 508,
    why: string,
    more: Partial<CommonFields> = {},
    body: { body?: string } = {},
  ): Explanation => ({
    ...{ ...none, arrival, ...more },
    ...{ outcome: 'rejected', status, why, answer: responseTo(arrival, { status, ...body }) },
  });
  if (TOO_MANY_PASSES.test(arrival.headers[LOOP_HEADER]!.join(',')))
    return rejected(508, `the request has passed the edge more than ${MOST_PASSES} times`, {}, { body: LOOP_ENDED });
  if (DOT_SEGMENT_WITH_PARAMETERS.test(arrival.path))
    return rejected(403, 'the path has a dot segment with parameters', {}, { body: 'RBAC: access denied' });
  // A client sends the server name of the host it connects to, even if the request line has an absolute URL.
  const asked = { serverName: serverNameOf(request.authority), ...request, authority: arrival.authority };
  const found = edge.scopeOf(port, scheme === 'https' ? hostLookedUp(edge, port, asked) : arrival.authority);
  const scope = found?.scope;
  const misdirectedBy = (why: string, { scope, of }: FoundScope): Explanation => ({
    ...{ ...none, arrival, outcome: 'misdirected', status: 421, why },
    ...(of === edge.own && { host: scope.host }),
    answer: responseTo(arrival, { status: 421 }),
  });
  const other = found && scheme === 'https' && whyOtherProfile(edge, found, asked);
  if (other) return misdirectedBy(other, found);
  // A redirect to https comes first, but only requests over HTTP have one.
  const isCompared = scope && scheme === 'https' && (scope.routes.length > 0 || scope.admission.sameServerOnly);
  const misdirected = isCompared && whyMisdirected(edge, found, asked);
  if (misdirected) return misdirectedBy(misdirected, found);
  if (found && found.of !== edge.own) return { ...none, arrival, ...(yield* ofOtherTenant(edge, found, arrival)) };
  if (scope?.httpsRedirect !== undefined) {
    const { host = hostOfAuthority(arrival.authority), port: written } = redirectTarget(
      { scheme: 'https', port: scope.httpsRedirect },
      {},
      scope,
    );
    const location = `https://${host}${written}${arrival.path}${arrival.query}`;
    const more = { arrival, host: scope.host, entrance: entranceOf(configuration, scope) };
    const answer = responseTo(arrival, { status: 301, location });
    return {
      ...none,
      ...more,
      outcome: 'redirect',
      status: 301,
      location,
      why: 'the server redirects to https',
      answer,
    };
  }
  if (!scope || scope.routes.length === 0) {
    const missing = yield* notFound(edge, port, scope, arrival);
    const isInEnvoy = scope && edge.own.table.isInEnvoy(port, scope.host);
    const answer = responseTo(arrival, { status: 404, ...(!isInEnvoy && { body: noRouteBody(arrival) }) });
    return { ...none, arrival, ...missing, outcome: 'not-found', status: 404, answer };
  }
  const here = { arrival, host: scope.host };
  const plain = withoutEscapedSlashes(arrival.path);
  if (plain !== undefined && scope.escapedSlashes !== 'keep') {
    const why = 'the path holds an escaped slash';
    const entrance = entranceOf(configuration, scope);
    const more = { ...here, entrance };
    if (scope.escapedSlashes === 'reject') return rejected(400, why, more);
    const location = plain + arrival.query;
    const answer = responseTo(arrival, { status: 307, location });
    return { ...none, ...more, outcome: 'redirect', status: 307, location, why, answer };
  }
  return yield* byRules(edge, scope, arrival, { ...none, ...here });
}

/**
 * The same as {@link explaining}, without pauses.
 *
 * @example explain(configuration, 'acme', fleet, { authority: 'shop.example', path: '/cart' }).why
 *   // 'routes/shop /http/0 serves the request'
 */
export const explain = (...input: Parameters<typeof explaining>): Explanation => withoutPauses(explaining(...input));

/** Returns the port and scheme of the connection. The default scheme is what the fleet speaks on the given port. */
export function connectionOf(
  { port, scheme }: ClientRequest,
  fleet: Fleet,
): { port: number; scheme: 'http' | 'https' } {
  if (port === undefined) return { port: scheme === 'https' ? 443 : 80, scheme: scheme ?? 'http' };
  const isHttps = portsAt(fleet, port).some(({ protocol }) => isSecured[protocol]);
  return { port, scheme: scheme ?? (isHttps ? 'https' : 'http') };
}

function* byRules(
  { own, fleet }: Edge,
  scope: Scope,
  arrival: Arrival,
  found: Omit<CommonFields, 'why'>,
): Pausable<Explanation> {
  const { configuration } = own;
  const { step, rejected, ...tried } = yield* trying(configuration, scope, arrival);
  const answer = (status: number) => ({ answer: responseTo(arrival, { status }) });
  if (rejected) return { ...found, outcome: 'rejected', ...rejected, ...answer(rejected.status) };
  const entrance = entranceOf(configuration, scope, step && writtenAt(step.rule).route);
  if (step) return { ...found, entrance, ...tried, ...(yield* serving({ ...own, fleet }, scope, arrival, step)) };
  const why = `no rule of ${enumerate(scope.routes)} matches`;
  return { ...found, entrance, why, ...tried, outcome: 'not-found', status: 404, ...answer(404) };
}

/** Finds the reason why no route serves the host. */
function* notFound(
  { own: { configuration, tenant }, fleet, isHostOfOther }: Edge,
  port: number,
  scope: Scope | undefined,
  { authority }: Arrival,
): Pausable<Pick<CommonFields, 'why' | 'host' | 'entrance'>> {
  if (port === MESH_PORT) {
    const why = servesMesh(fleet, tenant)
      ? `no route that is bound to ${MESH} has the host ${normalise(authority)}`
      : `the fleet ${fleet.name} serves no mesh of this tenant: only a fleet of this tenant alone does`;
    return { why, ...(scope && { host: scope.host, entrance: entranceOf(configuration, scope) }) };
  }
  if (scope) {
    const entrance = entranceOf(configuration, scope);
    const elsewhere = yield* boundToOtherServers(configuration, scope);
    const why = [`${scope.host} is admitted, but no route is bound to it`, ...elsewhere].join('; ');
    return { why, host: scope.host, entrance };
  }
  const host = normalise(authority);
  if (isHostOfOther) {
    const why = `${host} belongs to another tenant, and no route of that tenant serves it on port ${port} of the fleet ${fleet.name}`;
    return { why };
  }
  const reasons = yield* whyNotAdmitted(configuration, tenant, fleet, port, host);
  return { why: [`no gateway admits ${host} on port ${port}`, ...reasons].join('; ') };
}
