import { rejectedBy, rewriteOf } from '../../model/matching/path-rewrite.ts';
import type { RankedRule } from '../../model/matching/precedence.ts';
import type { Step } from '../../model/matching/preflight.ts';
import type { Match } from '../../model/route/match.ts';
import { IDEMPOTENT, isDividedByMethod } from '../../model/route/retry.ts';
import type { Rule } from '../../model/route/rule.ts';
import { type RuleShare, sharesOf } from '../../model/route/shares.ts';
import type { RuntimeFractionalPercent } from '../envoy/gen/envoy/config/core/v3/base.ts';
import { HeaderMatcher, Route } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { FractionalPercent_DenominatorType as Denominator } from '../envoy/gen/envoy/type/v3/percent.ts';
import { clustersOf } from './action/forward.ts';
import { action } from './action/index.ts';
import type { Place } from './action/parts.ts';
import { retryPolicy } from './action/retry.ts';
import { type Compiled, distinct } from './compiled.ts';
import { type Applied, withPolicies, withUpgrades } from './composite.ts';
import { byOrigin } from './cors.ts';
import { headerChanges } from './header.ts';
import { pathHeader, routeMatch } from './match.ts';
import { corsHeaders } from './rule-filters/cors.ts';
import { filtersOf, translation } from './rule-filters/index.ts';

/**
 * Builds the routes of one condition of one rule. A rule that is divided into shares has one route per share. If a
 * rewrite could create a dot segment (`..`) from some paths, an additional route in front rejects these paths with 403.
 *
 * @param step not one of preflights
 * @param applied the policies that apply to the rule
 * @returns at least one route, in the order in which Envoy tries them, and their needs
 */
export function routesOf(step: Step, place: Place, applied: readonly Applied[]): Compiled<Route[]> {
  const rule = { ...step.rule, condition: step.condition };
  const routes: Route[] = [];
  // Sorted once, for all routes of a host.
  const needs = { clusters: clustersOf(rule.spec, place.tenant), secrets: [] as string[] };
  for (const share of sharesOf(rule.spec)) {
    const { message: own, needs: ofPolicies } = withPolicies(
      withUpgrades(route(rule, share, place), share.spec.upgrades),
      place.tenant,
      [...(share.spec.route ? applied : withoutTranslation(applied)), ...filtersOf(share.spec)],
    );
    const rewrite = rewriteOf(share.spec, rule.condition);
    const regex = rejectedBy(rewrite);
    if (regex !== undefined) routes.push(rejected(own, regex, rewrite?.kind === 'pattern' ? rule.condition : {}));
    routes.push(...byOrigin(own, share.spec), ...byMethod(own, share.spec));
    needs.clusters.push(...ofPolicies.clusters);
    needs.secrets.push(...ofPolicies.secrets);
  }
  return { message: routes, needs };
}

/** @param condition the condition on the path that `regex` does not imply */
/** The edge answers the requests of such a share as they arrive. */
const withoutTranslation = (applied: readonly Applied[]) => applied.filter((each) => each !== translation);

const rejected = ({ name, match }: Route, regex: string, condition: Match): Route => ({
  ...blank,
  name,
  match: {
    ...match!,
    pathSpecifier: { $case: 'safeRegex', value: { regex } },
    caseSensitive: undefined,
    headers: [...pathHeader(condition), ...match!.headers],
  },
  action: { $case: 'directResponse', value: { status: 403, body: undefined, bodyFormat: undefined } },
});

/**
 * Divides a route by the method of the request, if requests of some methods must not be sent again after every failure.
 *
 * @returns the route for idempotent methods, and the route for the others; or only the route itself
 */
function byMethod(own: Route, { retries }: Rule): Route[] {
  if (own.action?.$case !== 'route' || !retries || !isDividedByMethod(retries)) return [own];
  const value = { ...own.action.value, retryPolicy: retryPolicy(retries, 'others') };
  return [
    { ...own, match: { ...own.match!, headers: [...own.match!.headers, isIdempotent] } },
    { ...own, action: { $case: 'route', value } },
  ];
}

const isIdempotent = HeaderMatcher.fromPartial({
  name: ':method',
  headerMatchSpecifier: {
    $case: 'stringMatch',
    value: { matchPattern: { $case: 'safeRegex', value: { regex: IDEMPOTENT.join('|') } } },
  },
});

/**
 * The name of a route in Envoy. In access logs and rejections it shows where the condition is written.
 *
 * @returns `<route>/<index of the rule>/<index of the match>`, such as `reviews/0/1`
 */
export const routeName = ({ route, rule, match }: RankedRule): string => `${route}/${rule}/${match}`;

/** Builds the route of one share of one condition of one rule. */
function route(rule: RankedRule, { spec, request, response, until }: RuleShare, place: Place): Route {
  const parts = action({ ...rule, spec }, place);
  const ofRequest = headerChanges(request);
  const ofResponse = headerChanges([
    ...(spec.cors ? [corsHeaders] : []),
    ...(parts.response ? [parts.response] : []),
    ...response,
  ]);
  return {
    ...blank,
    name: routeName(rule),
    match: { ...routeMatch(rule.condition), ...(until !== undefined && { runtimeFraction: below(until) }) },
    action: parts.action,
    requestHeadersToAdd: ofRequest.toAdd,
    requestHeadersToRemove: ofRequest.toRemove,
    responseHeadersToAdd: [...(parts.responseHeadersToAdd ?? []), ...ofResponse.toAdd],
    responseHeadersToRemove: distinct([...ofResponse.toRemove, ...(parts.responseHeadersToRemove ?? [])]),
  };
}

/**
 * Builds the condition that the random number of a request is below a limit. Envoy draws one number per request and
 * compares it with each route, so a route whose predecessor ends at 10% and that itself ends at 30% serves 20%.
 *
 * @param numerator the limit, on the scale of `SCALE`
 */
export const below = (numerator: number): RuntimeFractionalPercent => ({
  defaultValue: { numerator, denominator: Denominator.MILLION },
  runtimeKey: '',
});

const blank: Route = Route.fromPartial({});
