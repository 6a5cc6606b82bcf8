/**
 * In which order the rules of one host are tried (PRODUCT S12): routes by the specificity of their own host, then by
 * name; inside a route as written; catch-alls of all routes after everything else. Insertion has no say.
 */
import type { Scope } from '../binding/scope.ts';
import type { ServerPlace } from '../binding/server-hosts.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Match } from '../route/match.ts';
import type { Rule } from '../route/rule.ts';
import { isEveryPath, pathMatch } from './uri.ts';

/** One condition of one rule, in its place. */
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

const always: Match = {};

/** Whether a condition lets every request through. */
function isCatchAll({ uri, method, headers, withoutHeaders, queryParams }: Match): boolean {
  if (method || !isEmpty(headers) || !isEmpty(withoutHeaders) || !isEmpty(queryParams)) return false;
  return isEveryPath(pathMatch(uri));
}

const isEmpty = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0;

/** The rules of a route up to its first catch-all, which ends it, and what stands behind that in vain. */
export function splitAtCatchAll(
  name: string,
  route: Route,
  through?: ServerPlace,
): { before: RankedRule[]; catchAll?: RankedRule; unreachable: RankedRule[] } {
  const before: RankedRule[] = [];
  const unreachable: RankedRule[] = [];
  let catchAll: RankedRule | undefined;
  route.http.forEach((spec, rule) => {
    (spec.match ?? [always]).forEach((condition, match) => {
      const ranked: RankedRule = { route: name, through, rule, match, condition, spec };
      if (catchAll) unreachable.push(ranked);
      else if (isCatchAll(condition)) catchAll = ranked;
      else before.push(ranked);
    });
  });
  return { before, ...(catchAll && { catchAll }), unreachable };
}

/** What is tried for a request to this scope, in order; the first that holds serves it. */
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
