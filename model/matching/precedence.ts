/**
 * The order in which the rules of one host are tried (PRODUCT S12): routes by the specificity of their own host, then
 * by name; inside a route as written; catch-alls of all routes at the end. The order of insertion does not matter.
 */
import type { Scope } from '../binding/scope.ts';
import type { ServerPlace } from '../binding/server-hosts.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Match } from '../route/match.ts';
import type { Rule } from '../route/rule.ts';
import { isEveryPath, pathMatch } from './uri.ts';

/** One condition of one rule, as a route ranks it: what Envoy tries as one route. */
export interface RankedRule {
  route: string;
  /** The server through which the route is bound; absent where a route is judged on its own. */
  through: ServerPlace | undefined;
  /** Index in `http`. */
  rule: number;
  /** Index in the rule's `match`; 0 when it has none. */
  match: number;
  /** Empty when the rule always applies. */
  condition: Match;
  spec: Rule;
}

const everyRequest: Match = {};

/** Whether a condition lets every request through. */
function isCatchAll({ uri, method, headers, withoutHeaders, queryParams }: Match): boolean {
  if (method || !isEmpty(headers) || !isEmpty(withoutHeaders) || !isEmpty(queryParams)) return false;
  return isEveryPath(pathMatch(uri));
}

const isEmpty = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0;

/**
 * Divides the conditions of a route at its first catch-all.
 *
 * @param through the server through which the route is bound
 * @returns those before the catch-all, the catch-all, and those after it, which no request reaches
 */
export function splitAtCatchAll(
  name: string,
  route: Route,
  through?: ServerPlace,
): { before: RankedRule[]; catchAll?: RankedRule; unreachable: RankedRule[] } {
  const before: RankedRule[] = [];
  const unreachable: RankedRule[] = [];
  let catchAll: RankedRule | undefined;
  route.http.forEach((spec, rule) => {
    (spec.match ?? [everyRequest]).forEach((condition, match) => {
      const ranked: RankedRule = { route: name, through, rule, match, condition, spec };
      if (catchAll) unreachable.push(ranked);
      else if (isCatchAll(condition)) catchAll = ranked;
      else before.push(ranked);
    });
  });
  return { before, ...(catchAll && { catchAll }), unreachable };
}

/**
 * The rules of a scope in the order in which they are tried. The first one whose condition matches serves the request.
 *
 * @example rulesFor(configuration, scope).map(({ route, rule }) => [route, rule]) // [['shop', 0], ['shop', 1]]
 */
export const rulesFor = (configuration: Configuration, scope: Pick<Scope, 'bound'>): RankedRule[] => [
  ...rulesInOrder(configuration, scope),
];

/** The same as {@link rulesFor}, one at a time: a host may have very many. */
export function* rulesInOrder(configuration: Configuration, scope: Pick<Scope, 'bound'>): Generator<RankedRule> {
  let last: RankedRule | undefined;
  for (const { route: name, through } of scope.bound) {
    const route = configuration.get('route', name);
    if (!route) continue;
    const { before, catchAll } = splitAtCatchAll(name, route, through);
    yield* before;
    last ??= catchAll;
  }
  if (last) yield last;
}
