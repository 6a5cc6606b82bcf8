import { pathRewrite } from '../../model/matching/path-rewrite.ts';
import type { RankedRule } from '../../model/matching/precedence.ts';
import { hasLetterEscapes, pathPattern } from '../../model/matching/uri.ts';
import type { Destination } from '../../model/route/destination.ts';
import { destinationsOfRule } from '../../model/route/destinations.ts';
import { isBodiless } from '../../model/route/direct-response.ts';
import type { Match } from '../../model/route/match.ts';
import type { Rule } from '../../model/route/rule.ts';
import { milliseconds } from '../../model/values/duration.ts';
import { parseReference, type ResourceName } from '../../model/values/reference.ts';
import type { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import {
  WeightedCluster_ClusterWeight as ClusterWeight,
  RouteAction,
  WeightedCluster,
} from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { duration } from './values/duration.ts';
import { clusterName } from './values/names.ts';

/**
 * The idle timeout of a route in milliseconds: Envoy ends a stream without traffic in either direction after this time.
 * The idle timeout of the connection manager applies only to hosts that are not loaded yet.
 */
const IDLE = 5 * 60_000;

/** The fields of a rule that `compile` handles. TypeScript rejects `action` below if the schema has another field. */
type Compiled = 'name' | 'match' | 'rewrite' | 'route' | 'directResponse' | 'timeout' | 'headers' | 'policies';
type Every<Missing> = [Missing] extends [never] ? unknown : { fieldsThatAreNotCompiled: Missing };

/**
 * Builds the action of a route: a direct response if the rule has one, otherwise forwarding to clusters.
 *
 * @param tenant the tenant of the route; it owns the upstreams that the rule names without a tenant
 */
export function action(
  { spec, condition }: RankedRule & Every<Exclude<keyof Rule, Compiled>>,
  tenant: string,
): NonNullable<Route['action']> {
  const { directResponse } = spec;
  if (directResponse) {
    const { status, body } = directResponse;
    // Stored rules may have bodies that the API accepted before it rejected them.
    const sent = body === undefined || isBodiless(status) ? undefined : inline(body);
    return { $case: 'directResponse', value: { status, body: sent, bodyFormat: undefined } };
  }
  return { $case: 'route', value: forward(spec, condition, tenant) };
}

const inline = (value: string) => ({
  specifier: { $case: 'inlineString' as const, value },
  watchedDirectory: undefined,
});

/**
 * Returns the names of all clusters to which a rule may send requests, in the order of the rule's destinations and with
 * duplicates. Clusters with weight 0 are included, because Envoy must already have the cluster when a canary starts.
 *
 * @param tenant the tenant of the route, as for {@link action}
 * @returns for example `['acme/reviews/v1', 'acme/reviews/v2']`; empty for a rule with a direct response
 */
export const clustersOf = (rule: Rule, tenant: string): string[] =>
  destinationsOfRule(rule).map(({ upstream, destination }) => clusterOf(upstream, destination, tenant));

const clusterOf = ({ tenant: owner, name }: ResourceName, { subset }: Destination, tenant: string): string =>
  clusterName(owner ?? tenant, name, subset);

function forward(rule: Rule, condition: Match, tenant: string): RouteAction {
  // No limit for the whole request by default, because downloads, event streams and gRPC streams last long. No retry
  // policy: a request is sent once.
  const timeout = rule.timeout === undefined ? 0 : milliseconds(rule.timeout)!;
  const authority = rule.rewrite?.authority;
  return {
    ...blank,
    clusterSpecifier: clusterSpecifier(rule, tenant),
    timeout: duration(timeout),
    idleTimeout: duration(Math.max(IDLE, timeout)),
    ...(rule.rewrite?.uri !== undefined && rewrite(rule.rewrite.uri, condition)),
    ...(authority !== undefined && {
      hostRewriteSpecifier: { $case: 'hostRewriteLiteral' as const, value: authority },
      appendXForwardedHost: true,
    }),
  };
}

const blank = RouteAction.fromPartial({});

/**
 * Converts the destinations of a rule into Envoy's form: one cluster, or several clusters with weights. A missing weight
 * counts as 0, except for a single destination, which needs no weight.
 *
 * @param tenant the tenant of the route, as for {@link action}
 */
export function clusterSpecifier(rule: Rule, tenant: string): NonNullable<RouteAction['clusterSpecifier']> {
  const shares = (rule.route ?? []).map(({ destination, weight }) => ({
    name: clusterOf(parseReference(destination.upstream), destination, tenant),
    weight: weight ?? 0,
  }));
  if (shares.length === 1) return { $case: 'cluster', value: shares[0]!.name };
  const clusters = shares.map((share) => ClusterWeight.fromPartial(share));
  return { $case: 'weightedClusters', value: WeightedCluster.fromPartial({ clusters }) };
}

function rewrite(
  uri: string,
  condition: Match,
): Pick<RouteAction, 'prefixRewrite'> | Pick<RouteAction, 'regexRewrite'> {
  const found = pathRewrite(uri, condition);
  if (found.kind === 'whole') return { prefixRewrite: found.path };
  const { prefix, replacement, removesSlashes } = found;
  const { ignoreUriCase } = condition;
  const isPattern = !ignoreUriCase && hasLetterEscapes(prefix);
  if (!isPattern && !removesSlashes) return { prefixRewrite: replacement };
  const regex = `${ignoreUriCase ? '(?i)' : ''}^${pathPattern(prefix)}${removesSlashes ? '/*' : ''}`;
  return { regexRewrite: { pattern: { regex }, substitution: replacement.replaceAll('\\', '\\\\') } };
}
