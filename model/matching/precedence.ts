/**
 * Ranks the rules of one host (PRODUCT S12). The route with the more specific host comes first, then the route with the
 * lesser name. Within a route, rules are tried as written. A rule that matches every request comes last. The order in
 * which resources were written does not matter.
 */
import type { Scope } from '../binding/scope.ts';
import type { ServerPlace } from '../binding/server-hosts.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Match } from '../route/match.ts';
import type { Rule } from '../route/rule.ts';
import { isObject } from '../values/refine.ts';
import { isEveryPath, pathMatch } from './uri.ts';

/** One condition of one rule. In Envoy, each is a route of its own. */
export interface RankedRule {
  route: string;
  /** The server through which the route is bound. Undefined when a route is checked without its gateways. */
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

/** Whether a condition matches every request. */
function isCatchAll(condition: Match): boolean {
  if (condition.grpc) return false;
  for (const [field, value] of Object.entries(condition))
    if (field !== 'uri' && field !== 'ignoreUriCase' && !isEmpty(value)) return false;
  return isEveryPath(pathMatch(condition.uri));
}

/** Whether a field of a condition is absent, or a map without entries. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || (isObject(value) && Object.keys(value).length === 0);

/**
 * Divides the conditions of a route at its first catch-all, which is a condition that matches every request.
 *
 * @param name the name of the route
 * @param through the server through which the route is bound
 * @returns the conditions before the catch-all, the catch-all, and the conditions after it, which no request reaches
 */
export function splitAtCatchAll(
  name: string,
  route: Route,
  through?: ServerPlace,
): { before: RankedRule[]; catchAll?: RankedRule; unreachable: RankedRule[] } {
  const before: RankedRule[] = [];
  const unreachable: RankedRule[] = [];
  let catchAll: RankedRule | undefined;
  (route.http ?? []).forEach((spec, rule) => {
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
 * Returns the rules of a scope in the order in which they are tried. The first rule whose condition matches serves the
 * request. Of the catch-alls of all routes, the list has only the first, at its end.
 *
 * @example rulesFor(configuration, scope).map(({ route, rule }) => [route, rule]) // [['shop', 0], ['shop', 1]]
 */
export const rulesFor = (configuration: Configuration, scope: Pick<Scope, 'bound'>): RankedRule[] => [
  ...rulesInOrder(configuration, scope),
];

/** The same as {@link rulesFor}, as a generator, because a host may have very many rules. */
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
