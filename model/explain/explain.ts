/** Explains which rule serves a request, how the rule changes it, and why other rules do not serve it (PRODUCT R9). */
import { MESH_PORT, servesMesh } from '../binding/mesh.ts';
import { type Scope, type ScopeTable, scopeTable } from '../binding/scope-table.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, portsAt } from '../fleet.ts';
import { writtenAt } from '../matching/delegation.ts';
import { mismatching } from '../matching/mismatch.ts';
import { DOT_SEGMENT_WITH_PARAMETERS, withoutEscapedSlashes } from '../matching/path.ts';
import { conditionsInOrder, type RankedRule } from '../matching/precedence.ts';
import { hostOfAuthority, redirectTarget } from '../matching/redirect.ts';
import { type Pausable, withoutPauses } from '../pausable.ts';
import { type HostPattern, normalise } from '../values/host.ts';
import { isSecured } from '../values/protocol.ts';
import { enumerate } from '../values/quote.ts';
import { MESH } from '../values/reference.ts';
import { type Arrival, arrive, type ClientRequest, serverNameOf } from './arrival.ts';
import type { ForwardedConnection } from './connection.ts';
import { stepsFor } from './cors.ts';
import { type EdgeResponse, responseTo } from './edge-response.ts';
import type { Forwarded } from './effect.ts';
import { boundToOtherServers, type Entrance, entranceOf, whyNotAdmitted } from './entrance.ts';
import { scopeOf } from './lookup.ts';
import type { EdgeRejection } from './rejection.ts';
import { delegatedBy, placeOf, serving } from './serving.ts';
import { hostLookedUp, whyMisdirected, whyOtherProfile, withoutRequests } from './tls.ts';

export type { ClientRequest } from './arrival.ts';

/** A condition that was compared with the request and did not match. */
interface Tried {
  /** `routes/reviews`. */
  resource: string;
  /** JSON pointer to the condition inside the resource. */
  path: string;
  /** JSON pointer to the first field of the condition that does not match, inside the resource. */
  field: string;
  why: string;
  expected: string;
  /** The conditions that delegate to it, the one of the bound route first. */
  delegatedBy?: { resource: string; path: string }[];
}

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
        host: HostPattern;
        rule: RankedRule;
        effect: Forwarded | EdgeResponse;
        /** The response headers that `cors` of the rule writes. Absent for preflights, whose answer has them. */
        cors?: Record<string, string>;
        status?: undefined;
      }
    | { outcome: 'redirect'; status: 301 | 307; location: string; answer: EdgeResponse }
    | { outcome: 'rejected'; status: EdgeRejection['status']; answer: EdgeResponse }
    | { outcome: 'misdirected'; status: 421; answer: EdgeResponse }
    | { outcome: 'not-found'; status: 404; answer: EdgeResponse }
    /** The edge forwards the connection, or the datagrams, without reading requests. */
    | { outcome: 'forwarded'; status?: undefined; connection: ForwardedConnection }
    /** The client gets no connection, and so no answer. */
    | { outcome: 'refused'; status?: undefined }
  );

/** The largest number of listed conditions that did not match. */
const MAX_LISTED = 50;

/**
 * Finds the rule that serves a request, and the effect of the rule. It pauses once per field of a condition, and within
 * long comparisons.
 *
 * @param tenant the tenant that owns the configuration
 * @param fleet the fleet that receives the request
 * @param others what the fleet serves to other tenants, as far as the request depends on it: `isOpenedByOther` is
 *   whether it has a certificate of another tenant for the server name
 */
export function* explaining(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  request: ClientRequest,
  { isOpenedByOther = false }: { isOpenedByOther?: boolean } = {},
): Pausable<Explanation> {
  const { port, scheme } = connectionOf(request, fleet);
  const none = { port, scheme, tried: [], moreTried: 0 };
  const table = scopeTable(configuration, tenant, fleet);
  yield;
  const closed =
    port === MESH_PORT
      ? undefined
      : withoutRequests(table, { configuration, tenant, fleet }, { port, scheme, request, isOpenedByOther });
  if (closed) return { ...none, ...closed };
  const underscores = fleet.ports.find((each) => each.number === port && each.headers)?.headers?.underscores;
  const arrival = arrive(request, scheme, underscores);
  if ('status' in arrival) return { ...none, outcome: 'rejected', ...arrival, answer: { status: arrival.status } };
  const rejected = (
    status: 400 | 403,
    why: string,
    more: Partial<CommonFields> = {},
    body: { body?: string } = {},
  ): Explanation => ({
    ...{ ...none, arrival, ...more },
    ...{ outcome: 'rejected', status, why, answer: responseTo(arrival, { status, ...body }) },
  });
  if (DOT_SEGMENT_WITH_PARAMETERS.test(arrival.path))
    return rejected(403, 'the path has a dot segment with parameters', {}, { body: 'RBAC: access denied' });
  const at = { configuration, tenant, fleet, table, port };
  // A client sends the server name of the host it connects to, even if the request line has an absolute URL.
  const asked = { serverName: serverNameOf(request.authority), ...request, authority: arrival.authority };
  const found = scopeOf(table, port, scheme === 'https' ? hostLookedUp(table, port, asked) : arrival.authority);
  const scope = found?.scope;
  const misdirectedBy = (why: string, host: HostPattern): Explanation => ({
    ...{ ...none, arrival, host, outcome: 'misdirected', status: 421, why },
    answer: responseTo(arrival, { status: 421 }),
  });
  const other = scope && scheme === 'https' && whyOtherProfile(table, scope, asked);
  if (other) return misdirectedBy(other, scope.host);
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
  const isCompared = scope && scheme === 'https' && (scope.routes.length > 0 || scope.admission.sameServerOnly);
  const misdirected = isCompared && whyMisdirected(configuration, table, found, asked);
  if (misdirected) return misdirectedBy(misdirected, scope.host);
  if (!found || !scope || scope.routes.length === 0) {
    const missing = yield* notFound(at, scope, arrival);
    return {
      ...none,
      arrival,
      ...missing,
      outcome: 'not-found',
      status: 404,
      answer: responseTo(arrival, { status: 404 }),
    };
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
  return yield* tryRules(at, scope, arrival, { ...none, ...here });
}

/**
 * The same as {@link explaining}, without pauses.
 *
 * @example explain(configuration, 'acme', fleet, { authority: 'shop.example', path: '/cart' }).why
 *   // 'routes/shop /http/0 serves the request'
 */
export const explain = (...input: Parameters<typeof explaining>): Explanation => withoutPauses(explaining(...input));

interface At {
  configuration: Configuration;
  tenant: string;
  fleet: Fleet;
  table: ScopeTable;
  port: number;
}

/** Returns the port and scheme of the connection. The default scheme is what the fleet speaks on the given port. */
export function connectionOf(
  { port, scheme }: ClientRequest,
  fleet: Fleet,
): { port: number; scheme: 'http' | 'https' } {
  if (port === undefined) return { port: scheme === 'https' ? 443 : 80, scheme: scheme ?? 'http' };
  const isHttps = portsAt(fleet, port).some(({ protocol }) => isSecured[protocol]);
  return { port, scheme: scheme ?? (isHttps ? 'https' : 'http') };
}

function* tryRules(at: At, scope: Scope, arrival: Arrival, found: Omit<CommonFields, 'why'>): Pausable<Explanation> {
  const { configuration } = at;
  const tried: Tried[] = [];
  let moreTried = 0;
  const steps = stepsFor(conditionsInOrder(configuration, scope), arrival);
  if ('rejected' in steps) {
    const { status, why } = steps.rejected;
    return { ...found, outcome: 'rejected', status, why, answer: responseTo(arrival, { status }) };
  }
  for (const step of steps) {
    const { rule, condition } = step;
    const why = rule.misplaced ?? (yield* mismatching(condition, arrival));
    if (why !== undefined) {
      if (step.isPreflight) continue;
      if (tried.length === MAX_LISTED) moreTried++;
      else tried.push({ ...placeOf(rule), ...why, ...delegatedBy(rule) });
      continue;
    }
    const here = {
      ...found,
      host: scope.host,
      entrance: entranceOf(configuration, scope, writtenAt(rule).route),
      tried,
      moreTried,
    };
    return { ...here, ...(yield* serving(at, scope, arrival, step)) };
  }
  const why = `no rule of ${enumerate(scope.routes)} matches`;
  const entrance = entranceOf(configuration, scope);
  return {
    ...{ ...found, entrance, why, tried, moreTried },
    ...{ outcome: 'not-found', status: 404, answer: responseTo(arrival, { status: 404 }) },
  };
}

/** Finds the reason why no route serves the host. */
function* notFound(
  { configuration, tenant, fleet, port }: At,
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
  const reasons = yield* whyNotAdmitted(configuration, tenant, fleet, port, host);
  return { why: [`no gateway admits ${host} on port ${port}`, ...reasons].join('; ') };
}
