import { pathRewrite } from '../../model/matching/path-rewrite.ts';
import type { RankedRule } from '../../model/matching/precedence.ts';
import type { Rule } from '../../model/route/rule.ts';
import { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { action, clustersOf } from './action.ts';
import type { Compiled } from './compiled.ts';
import { type Applied, withPolicies } from './composite.ts';
import { headerChanges } from './header.ts';
import { routeMatch } from './match.ts';

/**
 * Builds the routes of one condition of one rule. If the rule's rewrite could create a dot segment (`..`) from some
 * paths, an additional route in front rejects these paths with 403.
 *
 * @param tenant the tenant of the route
 * @param applied the policies that apply to the rule
 * @returns one or two routes, in the order in which Envoy tries them, and their needs
 */
export function routesOf(rule: RankedRule, tenant: string, applied: readonly Applied[]): Compiled<Route[]> {
  const { spec, condition } = rule;
  const rewrite = spec.rewrite?.uri === undefined ? undefined : pathRewrite(spec.rewrite.uri, condition);
  const { message: own, needs } = withPolicies(route(rule, tenant), tenant, applied);
  const before = rewrite?.kind === 'prefix' && rewrite.rejected !== undefined ? [rejected(own, rewrite.rejected)] : [];
  return {
    message: [...before, own],
    needs: { clusters: [...clustersOf(spec, tenant), ...needs.clusters], secrets: needs.secrets },
  };
}

const rejected = ({ name, match }: Route, regex: string): Route => ({
  ...blank,
  name,
  match: { ...match!, pathSpecifier: { $case: 'safeRegex', value: { regex } }, caseSensitive: undefined },
  action: { $case: 'directResponse', value: { status: 403, body: undefined, bodyFormat: undefined } },
});

/**
 * The name of a route in Envoy. In access logs and rejections it shows where the condition is written.
 *
 * @returns `<route>/<index of the rule>/<index of the match>`, such as `reviews/0/1`
 */
export const routeName = ({ route, rule, match }: RankedRule): string => `${route}/${rule}/${match}`;

/** Builds the route of one condition of one rule. */
function route(rule: RankedRule, tenant: string): Route {
  const request = headerChanges(rule.spec.headers?.request ?? {});
  const response = headerChanges(rule.spec.headers?.response ?? {});
  return {
    ...blank,
    name: routeName(rule),
    match: routeMatch(rule.condition),
    action: action(rule, tenant),
    requestHeadersToAdd: request.toAdd,
    requestHeadersToRemove: request.toRemove,
    responseHeadersToAdd: response.toAdd,
    responseHeadersToRemove: pointsToItself(rule.spec)
      ? [...new Set([...response.toRemove, 'location'])].sort()
      : response.toRemove,
  };
}

/**
 * Returns whether Envoy would add a `location` header to the rule's direct response. That header points to the request's
 * own URL, so the route removes it. Envoy removes headers before it adds others, so a `location` of the rule stays.
 */
const pointsToItself = ({ directResponse }: Rule): boolean =>
  directResponse !== undefined &&
  (directResponse.status === 201 || (directResponse.status >= 300 && directResponse.status < 400));

const blank: Route = Route.fromPartial({});
