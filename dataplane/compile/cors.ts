/** Builds the routes that `cors` adds to those of a rule. The filter in `rule-filters/cors.ts` does the rest. */
import type { Step } from '../../model/matching/preflight.ts';
import { ANY, type Cors } from '../../model/route/cors.ts';
import type { Rule } from '../../model/route/rule.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  type HeaderValueOption,
} from '../envoy/gen/envoy/config/core/v3/base.ts';
import {
  RouteAction_ClusterNotFoundResponseCode as NotFound,
  Route,
  RouteAction,
} from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { withPolicies } from './composite.ts';
import { headerMatcher, routeMatch } from './match.ts';
import { corsOf } from './rule-filters/index.ts';
import { NO_CLUSTER_HEADER } from './values/names.ts';

/**
 * Builds the route of the preflights of a rule. With `cors`, the filter answers them. It does so only on routes that
 * forward requests, so this route forwards to no cluster. A rule without `cors` rejects its preflights.
 *
 * @param step one of preflights
 */
export function preflightRoute({ rule, condition }: Step, name: string, tenant: string): Route {
  const { cors } = rule.spec;
  const route = { ...blank, name, match: routeMatch(condition), action: cors ? NOWHERE : REJECT };
  return cors ? withPolicies(route, tenant, [corsOf(cors)]).message : route;
}

const blank = Route.fromPartial({});

const NOWHERE: NonNullable<Route['action']> = {
  $case: 'route',
  value: RouteAction.fromPartial({
    clusterSpecifier: { $case: 'clusterHeader', value: NO_CLUSTER_HEADER },
    clusterNotFoundResponseCode: NotFound.NOT_FOUND,
  }),
};

const REJECT: NonNullable<Route['action']> = {
  $case: 'directResponse',
  value: { status: 403, body: undefined, bodyFormat: undefined },
};

/**
 * Builds the routes that answer requests of allowed origins, in front of the route that answers all others. The filter
 * writes no headers on routes that answer requests themselves.
 *
 * @returns one per allowed origin; none for a rule that forwards requests
 */
export function byOrigin(route: Route, { cors, route: forwards }: Pick<Rule, 'cors' | 'route'>): Route[] {
  if (!cors || forwards) return [];
  const responseHeadersToAdd = [...route.responseHeadersToAdd, ...headersFor(cors)];
  return cors.allowOrigins.map((origin) => {
    const match = headerMatcher('origin', origin.exact === ANY ? { regex: '.+' } : origin);
    return { ...route, match: { ...route.match!, headers: [...route.match!.headers, match] }, responseHeadersToAdd };
  });
}

const headersFor = ({ allowCredentials, exposeHeaders = [] }: Cors): HeaderValueOption[] => [
  option('access-control-allow-origin', '%REQ(ORIGIN)%'),
  ...(allowCredentials ? [option('access-control-allow-credentials', 'true')] : []),
  ...(exposeHeaders.length > 0
    ? [option('access-control-expose-headers', exposeHeaders.join(',').replaceAll('%', '%%'))]
    : []),
];

const option = (key: string, value: string): HeaderValueOption => ({
  header: { key, value, rawValue: new Uint8Array(0) },
  appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD,
  keepEmptyValue: false,
});
