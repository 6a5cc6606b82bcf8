import { rewriteOf } from '../../model/matching/path-rewrite.ts';
import type { RankedRule } from '../../model/matching/precedence.ts';
import { Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { clustersOf } from './action/forward.ts';
import { action } from './action/index.ts';
import type { Place } from './action/parts.ts';
import { type Compiled, distinct } from './compiled.ts';
import { type Applied, withPolicies } from './composite.ts';
import { headerChanges } from './header.ts';
import { routeMatch } from './match.ts';

/**
 * Builds the routes of one condition of one rule. If the rule's rewrite could create a dot segment (`..`) from some
 * paths, an additional route in front rejects these paths with 403.
 *
 * @param applied the policies that apply to the rule
 * @returns one or two routes, in the order in which Envoy tries them, and their needs
 */
export function routesOf(rule: RankedRule, place: Place, applied: readonly Applied[]): Compiled<Route[]> {
  const { spec, condition } = rule;
  const { tenant } = place;
  const rewrite = rewriteOf(spec, condition);
  const { message: own, needs } = withPolicies(route(rule, place), tenant, applied);
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
function route(rule: RankedRule, place: Place): Route {
  const parts = action(rule, place);
  const request = headerChanges(rule.spec.headers?.request ?? {});
  const response = headerChanges(rule.spec.headers?.response ?? {});
  return {
    ...blank,
    name: routeName(rule),
    match: routeMatch(rule.condition),
    action: parts.action,
    requestHeadersToAdd: request.toAdd,
    requestHeadersToRemove: request.toRemove,
    responseHeadersToAdd: [...(parts.responseHeadersToAdd ?? []), ...response.toAdd],
    responseHeadersToRemove: distinct([...response.toRemove, ...(parts.responseHeadersToRemove ?? [])]),
  };
}

const blank: Route = Route.fromPartial({});
