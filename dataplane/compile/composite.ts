/**
 * Builds the settings of routes for the filters of the connection manager. No other file writes `typedPerFilterConfig`.
 * Envoy uses only the entry of the most specific level (route, virtual host or RouteConfiguration) and does not merge
 * levels, so one file must know all entries.
 */
import type { ServerNames } from '../../model/binding/same-server.ts';
import { pack } from '../envoy/any.ts';
import type { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import {
  CompositePerRoute,
  ExecuteFilterAction,
} from '../envoy/gen/envoy/extensions/filters/http/composite/v3/composite.ts';
import type { Any } from '../envoy/gen/google/protobuf/any.ts';
import { type Compiled, distinct, needsNothing } from './compiled.ts';
import { CONNECTION, examine } from './manager/filters/examination.ts';
import { COMPOSITE, ofRules, optional } from './manager/filters/index.ts';
import { UPGRADES, upgradesOfRoute } from './manager/filters/upgrades.ts';
import { withNeeds } from './needs.ts';
import { policyChain } from './policies/index.ts';
import type { AnyPolicy } from './policies/policy.ts';
import { afterPolicies, beforePolicies } from './rule-filters/index.ts';
import { created, notCreated } from './values/filter.ts';

const withoutTls = { typedPerFilterConfig: notCreated(optional('without TLS')) };
const withTls = { typedPerFilterConfig: notCreated(optional('by certificate')) };

/**
 * Returns the settings of a virtual host with these routes. If Envoy knows the host when a request arrives, it creates
 * only the filters that the route of the request names. If it loads the host later, all filters exist already, and
 * these settings change nothing.
 */
export const onHost = (routes: readonly Route[]) => (routes.some(examinesConnection) ? withTls : withoutTls);

const examinesConnection = ({ typedPerFilterConfig }: Route) => CONNECTION in typedPerFilterConfig;

// The script of a built-in route may let a request pass to a rule. Its filters must exist then.
const mayPass = created(ofRules);

/** The settings of the built-in routes of a host. They name the script that examines the requests of the route. */
export const onBuiltInRoute = {
  connection: { typedPerFilterConfig: { ...mayPass, ...examine.connection } },
  sameServer: (names: ServerNames) => ({ typedPerFilterConfig: { ...mayPass, ...examine.sameServer(names) } }),
  ownName: { typedPerFilterConfig: { ...mayPass, ...examine.ownName } },
  challenge: { typedPerFilterConfig: { ...mayPass, ...examine.challenge } },
  slashes: { typedPerFilterConfig: { ...mayPass, ...examine.slashes } },
  escapedSlashes: { typedPerFilterConfig: examine.escapedSlashes },
};

/** Sets which upgrades a route allows. The route is not changed when it allows the default ones. */
export const withUpgrades = (route: Route, upgrades: readonly string[] | undefined): Route =>
  upgrades === undefined
    ? route
    : { ...route, typedPerFilterConfig: { ...route.typedPerFilterConfig, [UPGRADES]: upgradesOfRoute(upgrades) } };

const everyPolicy: readonly AnyPolicy[] = [...beforePolicies, ...policyChain, ...afterPolicies];

/** A policy that applies to a route, as `effective` finds it. */
export interface Applied {
  kind: string;
  spec: unknown;
}

/**
 * Adds policies to the route of a rule. A policy with a manager filter becomes the route's configuration of that
 * filter. All other policies become a chain of filters, which the `composite` filter runs for the route.
 *
 * @param tenant the tenant of the route
 * @param applied the policies of the route, in any order and at most one per kind
 * @param chain the policies in the order of their filters
 * @returns the route with its policies, or the same route when no policy applies; and the needs of the policies
 */
export function withPolicies(
  route: Route,
  tenant: string,
  applied: readonly Applied[],
  chain: readonly AnyPolicy[] = everyPolicy,
): Compiled<Route> {
  if (applied.length === 0) return { message: route, needs: needsNothing };
  const at = { tenant, route: route.name };
  const found = chain.flatMap((policy) => {
    const spec = applied.find(({ kind }) => kind === policy.kind)?.spec;
    return spec === undefined ? [] : [{ policy, spec }];
  });
  const own: { name: string; typedConfig: Any }[] = [];
  const typedPerFilterConfig: Record<string, Any> = { ...route.typedPerFilterConfig };
  for (const { policy, spec } of found) {
    const typedConfig = policy.filter(spec, at);
    if (policy.managerFilter) typedPerFilterConfig[policy.managerFilter.name] = typedConfig;
    else own.push({ name: policy.kind, typedConfig });
  }
  if (own.length > 0) typedPerFilterConfig[COMPOSITE] = execute(own);
  const needs = {
    clusters: distinct(found.flatMap(({ policy, spec }) => policy.clusters?.(spec, at) ?? [])),
    secrets: distinct(found.flatMap(({ policy, spec }) => policy.secrets?.(spec, at) ?? [])),
  };
  return { message: withNeeds({ ...route, typedPerFilterConfig }, needs), needs };
}

/** Builds the configuration with which the `composite` filter runs these filters on every request of the route. */
function execute(typedConfig: { name: string; typedConfig: Any }[]): Any {
  const action = pack(
    'envoy.extensions.filters.http.composite.v3.ExecuteFilterAction',
    ExecuteFilterAction,
    ExecuteFilterAction.fromPartial({ filterChain: { typedConfig } }),
  );
  const message = CompositePerRoute.fromPartial({
    matcher: { onNoMatch: { onMatch: { $case: 'action', value: { name: 'policies', typedConfig: action } } } },
  });
  return pack('envoy.extensions.filters.http.composite.v3.CompositePerRoute', CompositePerRoute, message);
}
