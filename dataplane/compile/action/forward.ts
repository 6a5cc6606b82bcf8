import { rewriteOf } from '../../../model/matching/path-rewrite.ts';
import type { RankedRule } from '../../../model/matching/precedence.ts';
import type { Destination } from '../../../model/route/destination.ts';
import { destinationsOfRule } from '../../../model/route/destinations.ts';
import type { Mirror } from '../../../model/route/mirror.ts';
import type { Rule } from '../../../model/route/rule.ts';
import { parseReference, type ResourceName } from '../../../model/values/reference.ts';
import {
  WeightedCluster_ClusterWeight as ClusterWeight,
  RouteAction_RequestMirrorPolicy as MirrorPolicy,
  RouteAction,
  WeightedCluster,
} from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { fraction } from '../values/fraction.ts';
import { clusterName, mirrorName } from '../values/names.ts';
import type { ActionParts } from './parts.ts';
import { envoyPathRewrite } from './path.ts';
import { retryPolicy } from './retry.ts';
import { timeLimits } from './timeouts.ts';
import { upgradeConfigs } from './upgrades.ts';

/**
 * Builds the action of a rule that forwards requests.
 *
 * @param tenant the tenant of the route; it owns the upstreams that the rule names without a tenant
 */
export const forward = (rule: RankedRule, tenant: string): ActionParts => ({
  action: { $case: 'route', value: routeAction(rule, tenant) },
});

function routeAction({ spec, condition }: RankedRule, tenant: string): RouteAction {
  // Without a retry policy, Envoy sends a request once.
  const authority = spec.rewrite?.authority;
  const path = rewriteOf(spec, condition);
  return {
    ...blank,
    clusterSpecifier: clusterSpecifier(spec, tenant),
    ...timeLimits(spec),
    upgradeConfigs: upgradeConfigs(spec.upgrades),
    retryPolicy: spec.retries && retryPolicy(spec.retries),
    requestMirrorPolicies: mirrorPolicies(spec.mirrors ?? [], tenant),
    ...(path && envoyPathRewrite(path, condition)),
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
 * @param tenant the tenant of the route, as for {@link forward}
 */
export function clusterSpecifier(rule: Rule, tenant: string): NonNullable<RouteAction['clusterSpecifier']> {
  const shares = (rule.route ?? []).flatMap(({ destination, weight = 0 }) =>
    destination ? [{ name: clusterOf(parseReference(destination.upstream), destination, tenant), weight }] : [],
  );
  if (shares.length === 1) return { $case: 'cluster', value: shares[0]!.name };
  const clusters = shares.map((share) => ClusterWeight.fromPartial(share));
  return { $case: 'weightedClusters', value: WeightedCluster.fromPartial({ clusters }) };
}

function mirrorPolicies(mirrors: readonly Mirror[], tenant: string): MirrorPolicy[] {
  return mirrors.map(({ destination, percentage = 100 }) =>
    MirrorPolicy.fromPartial({
      cluster: mirrorOf(parseReference(destination.upstream), destination, tenant),
      ...(percentage !== 100 && { runtimeFraction: { defaultValue: fraction(percentage) } }),
      // Without this, Envoy would append `-shadow` to the Host of the copy.
      disableShadowHostSuffixAppend: true,
    }),
  );
}

/**
 * Returns the names of all clusters to which a rule may send requests, in the order of the rule's destinations and with
 * duplicates. Clusters with weight 0 are included, because Envoy must already have the cluster when a canary starts.
 *
 * @param tenant the tenant of the route, as for {@link forward}
 * @returns for example `['acme/reviews/v1', 'acme/reviews/v2']`; empty for a rule with another action
 */
export const clustersOf = (rule: Rule, tenant: string): string[] =>
  destinationsOfRule(rule).map(({ upstream, destination, use }) =>
    (use === 'mirror' ? mirrorOf : clusterOf)(upstream, destination, tenant),
  );

const clusterOf = ({ tenant: owner, name }: ResourceName, { subset }: Destination, tenant: string): string =>
  clusterName(owner ?? tenant, name, subset);

/**
 * Returns the name of the cluster that gets copies of requests. It is a cluster of its own, because Envoy does not
 * compare the resolved address of a copy with the denied networks.
 */
const mirrorOf = ({ tenant: owner, name }: ResourceName, { subset }: Destination, tenant: string): string =>
  mirrorName(owner ?? tenant, name, subset);
