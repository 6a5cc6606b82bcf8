import { scopeTable } from '../../model/binding/scope-table.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { type RankedRule, rulesFor } from '../../model/matching/precedence.ts';
import type { Rule } from '../../model/route/rule.ts';
import { SCALE } from '../../model/route/shares.ts';
import { Cluster } from '../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import { Route, RouteAction, RouteMatch } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { clusterSpecifier, clustersOf } from './action/forward.ts';
import { type Compiled, distinct } from './compiled.ts';
import { routeMatch } from './match.ts';
import { below, routeName } from './route.ts';

/**
 * Builds the routes of one host for gRPC clients that speak xDS themselves (proxyless). The routes have no marker,
 * policies or built-in routes. They have only fields that such a client knows, so that it does not reject the message.
 *
 * @param configuration the tenant's configuration
 * @param port the number that gateways name
 * @param host the host pattern of a scope: `a.example.com`, `*.example.com` or `*`
 * @param name the name under which the client requested the routes, such as `grpc|80|a.example.com`
 * @returns routes without rules when the tenant does not have the host
 */
export function grpcRouteConfiguration(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: number,
  host: string,
  name: string,
): Compiled<RouteConfiguration> {
  const scope = scopeTable(configuration, tenant, fleet).scope(port, host);
  const rules = scope ? rulesFor(configuration, scope) : [];
  const message = RouteConfiguration.fromPartial({ name, virtualHosts: [{ name, domains: ['*'] }] });
  message.virtualHosts[0]!.routes = rules.flatMap((rule) => grpcRoutes(rule, tenant));
  const clusters = distinct(rules.flatMap(({ spec }) => clustersOf({ ...spec, mirrors: undefined }, tenant)));
  return { message, needs: { clusters, secrets: [] } };
}

/**
 * Builds the routes of a condition field by field, with only the fields that gRPC clients know. A new field in the
 * routes for Envoy therefore does not appear here automatically. A route in front fails the calls of the share that has
 * a direct response.
 * https://github.com/grpc/proposal/blob/master/A28-xds-traffic-splitting-and-routing.md
 */
function grpcRoutes(rule: RankedRule, tenant: string): Route[] {
  const name = routeName(rule);
  const match = grpcMatch(rule);
  const answered = answeredShare(rule.spec);
  const failing = { ...match, ...(answered < SCALE && { runtimeFraction: below(answered) }) };
  return [
    ...(answered > 0 ? [Route.fromPartial({ name, match: failing, action: FAIL })] : []),
    ...(answered < SCALE ? [Route.fromPartial({ name, match, action: forwarding(rule.spec, tenant) })] : []),
  ];
}

/** Returns the share of the calls that get no destination, of {@link SCALE}. */
function answeredShare({ route = [] }: Rule): number {
  if (route.every(({ destination }) => destination === undefined)) return SCALE;
  const sumOf = (entries: typeof route) => entries.reduce((sum, { weight = 0 }) => sum + weight, 0);
  const answered = sumOf(route.filter(({ directResponse }) => directResponse));
  return answered === 0 ? 0 : Math.round((answered / sumOf(route)) * SCALE);
}

function grpcMatch({ condition }: RankedRule): RouteMatch {
  // Every call of such a client is a gRPC call, but not every client shows its content type to conditions.
  const { pathSpecifier, caseSensitive, queryParameters, cookies, ...rest } = routeMatch(condition);
  const headers = condition.grpc ? rest.headers.slice(1) : rest.headers;
  // A client ignores a route with query parameters. If they were left out, the route would match every request. A
  // condition that such a client does not have or cannot decide is written as one, for the same reason.
  const undecided = cookies.length > 0 || condition.source || condition.scheme;
  const match = RouteMatch.fromPartial({
    headers,
    queryParameters: undecided ? [...queryParameters, { name: UNDECIDED }] : queryParameters,
  });
  if (pathSpecifier?.$case !== 'pathSeparatedPrefix') return { ...match, pathSpecifier, caseSensitive };
  const ignoreCase = caseSensitive === false ? '(?i)' : '';
  const regex = `${ignoreCase}${pathSpecifier.value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?:/.*)?`;
  return { ...match, pathSpecifier: { $case: 'safeRegex', value: { regex } }, caseSensitive };
}

/** The name of a query parameter that no call has. */
const UNDECIDED = 'gatehouse-undecided';

/** gRPC clients know no redirects and direct responses. They fail calls whose route has this action. */
const FAIL: NonNullable<Route['action']> = { $case: 'nonForwardingAction', value: {} };

const forwarding = (rule: Rule, tenant: string): NonNullable<Route['action']> => ({
  $case: 'route',
  value: { ...RouteAction.fromPartial({}), clusterSpecifier: clusterSpecifier(rule, tenant) },
});

/**
 * Builds the cluster of a gRPC client field by field, from the one for Envoy. A client rejects a cluster with a policy
 * or an option that it does not know, and it balances requests by its own rules.
 *
 * @returns undefined for an upstream with TLS or PROXY protocol: the client would send its calls without them
 */
export function grpcCluster(cluster: Cluster): Cluster | undefined {
  if (cluster.transportSocket) return undefined;
  const { name, clusterDiscoveryType, edsClusterConfig, dnsLookupFamily } = cluster;
  const { loadAssignment, connectTimeout, circuitBreakers, metadata } = cluster;
  return Cluster.fromPartial({
    ...{ name, clusterDiscoveryType, edsClusterConfig, dnsLookupFamily },
    ...{ loadAssignment, connectTimeout, circuitBreakers, metadata },
  });
}
