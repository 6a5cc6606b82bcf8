/**
 * Ranks the rules of one host (PRODUCT S12). The routes with the more specific host come first. Of these with the same
 * host, the routes of written order come first, by name, each with its rules as written. The conditions of all routes of
 * specific order follow in one list, the most specific first. A rule that matches every request comes last. The order in
 * which resources were written does not matter.
 */
import type { BoundRoute } from '../binding/route-hosts.ts';
import type { Scope } from '../binding/scope.ts';
import type { ServerPlace } from '../binding/server-hosts.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Match } from '../route/match.ts';
import type { Rule } from '../route/rule.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { isObject } from '../values/refine.ts';
import { type ConditionPlace, conditionsIn, MAX_OF_HOST, type Room } from './delegation.ts';
import type { Mismatch } from './mismatch.ts';
import { placementOf } from './placement.ts';
import { bySpecificity } from './specificity.ts';
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
  /** Empty when the rule always applies. Of a delegated rule, combined with the conditions of `via`. */
  condition: Match;
  spec: Rule;
  /** The reason why no request of the scope matches. Only {@link conditionsInOrder} returns such conditions. */
  misplaced?: Mismatch;
  /**
   * The conditions that delegate to the rule, beginning with the one whose route is bound to the host. Absent when the
   * route itself is bound.
   */
  via?: readonly ConditionPlace[];
}

/** The fields that a condition on every request may have. */
const OPEN: ReadonlySet<string> = new Set(['uri', 'ignoreUriCase']);
/** The same, for the requests of one scope. */
const OPEN_IN_SCOPE: ReadonlySet<string> = new Set([...OPEN, 'port', 'gateways']);

/** Whether a condition matches every request, or every request of a scope. */
const isCatchAll = ({ condition, misplaced, through }: RankedRule): boolean =>
  !misplaced && isOpen(condition, through ? OPEN_IN_SCOPE : OPEN);

/**
 * Whether a condition of a route, as written, matches every request, or delegates. Without one, {@link splitAtCatchAll}
 * finds no catch-all.
 */
export const hasCatchAll = ({ http = [] }: Route): boolean =>
  http.some(({ match, delegate }) => delegate || !match || match.some((condition) => isOpen(condition, OPEN)));

/** Whether a condition matches every request, on all ports and gateways. */
export const isEveryRequest = (condition: Match): boolean => isOpen(condition, OPEN);

/** Whether a condition compares nothing, except for these fields. */
function isOpen(condition: Match, open: ReadonlySet<string>): boolean {
  if (condition.grpc) return false;
  for (const field in condition) if (!open.has(field) && !isEmpty(condition[field as keyof Match])) return false;
  return isEveryPath(pathMatch(condition.uri));
}

/** Whether a field of a condition is absent, or a map without entries. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || (isObject(value) && Object.keys(value).length === 0);

interface Split {
  before: RankedRule[];
  catchAll?: RankedRule;
  unreachable: RankedRule[];
}

/**
 * Divides the conditions of a route at its first catch-all, which is a condition that matches every request.
 *
 * @param name the name of the route
 * @returns the conditions before the catch-all, the catch-all, and the conditions after it, which no request reaches
 */
export function splitAtCatchAll(configuration: Configuration, name: string, route: Route): Split {
  const conditions = conditionsOf(configuration, name, route);
  return split(route.order === 'specific' ? bySpecificity(conditions) : conditions);
}

function split(conditions: readonly RankedRule[]): Split {
  const before: RankedRule[] = [];
  const unreachable: RankedRule[] = [];
  let catchAll: RankedRule | undefined;
  for (const ranked of conditions) {
    if (catchAll) unreachable.push(ranked);
    else if (isCatchAll(ranked)) catchAll = ranked;
    else before.push(ranked);
  }
  return { before, ...(catchAll && { catchAll }), unreachable };
}

/** Lists the conditions of a route as written, with those of other routes in the place of rules that delegate. */
function conditionsOf(
  configuration: Configuration,
  name: string,
  route: Route,
  at?: { scope: PlacedScope; through: ServerPlace; room: Room },
): RankedRule[] {
  const all = conditionsIn(configuration, name, route, at?.through, at?.room);
  return at ? all.map((each) => placed(each, at)) : all;
}

function placed(ranked: RankedRule, { scope, through }: { scope: PlacedScope; through: ServerPlace }): RankedRule {
  const { condition } = ranked;
  const isPlaced = condition.port !== undefined || condition.gateways !== undefined;
  return isPlaced ? { ...ranked, ...placementOf(condition, scope, through) } : ranked;
}

/** The parts of a scope on which its rules depend. */
export type PlacedScope = Pick<Scope, 'bound' | 'host' | 'port' | 'admission'>;

/**
 * Returns the rules of a scope in the order in which they are tried. The first rule whose condition matches serves the
 * request. Of the catch-alls of all routes, the list has only the first, at its end.
 *
 * @example rulesFor(configuration, scope).map(({ route, rule }) => [route, rule]) // [['shop', 0], ['shop', 1]]
 */
export function rulesFor(configuration: Configuration, scope: PlacedScope): RankedRule[] {
  const rules: RankedRule[] = [];
  for (const rule of conditionsInOrder(configuration, scope)) if (!rule.misplaced) rules.push(rule);
  return rules;
}

/** The same as {@link rulesFor}, as a generator, because a host may have very many rules. */
export function* rulesInOrder(configuration: Configuration, scope: PlacedScope): Generator<RankedRule> {
  for (const rule of conditionsInOrder(configuration, scope)) if (!rule.misplaced) yield rule;
}

/** The same as {@link rulesInOrder}, with the conditions that no request of the scope matches, for explanations. */
export function* conditionsInOrder(configuration: Configuration, scope: PlacedScope): Generator<RankedRule> {
  let last: RankedRule | undefined;
  const room = { left: MAX_OF_HOST };
  for (const { order, routes } of groupsOf(configuration, scope)) {
    const conditions = routes.flatMap(({ name, route, through }) =>
      conditionsOf(configuration, name, route, { scope, through, room }),
    );
    const { before, catchAll } = split(order === 'specific' ? bySpecificity(conditions) : conditions);
    yield* before;
    last ??= catchAll;
  }
  if (last) yield last;
}

/** Routes whose conditions are in one order: one route of written order, or routes of specific order. */
interface Group {
  order: Route['order'];
  routes: { name: string; route: Route; through: BoundRoute['through'] }[];
}

function* groupsOf(configuration: Configuration, scope: PlacedScope): Generator<Group> {
  let specific: Group = { order: 'specific', routes: [] };
  let host: HostPattern | undefined;
  for (const { route: name, through } of scope.bound) {
    const route = configuration.get('route', name);
    if (!route) continue;
    // Routes with the same own host are together in `bound`.
    if (specific.routes.length > 0 && ownHost(route, scope.host) !== host) {
      yield specific;
      specific = { order: 'specific', routes: [] };
    }
    if (route.order !== 'specific') {
      yield { order: route.order, routes: [{ name, route, through }] };
      continue;
    }
    host = ownHost(route, scope.host);
    specific.routes.push({ name, route, through });
  }
  if (specific.routes.length > 0) yield specific;
}

/** Returns the most specific host of a route that covers a host. */
function ownHost({ hosts = [] }: Route, host: HostPattern): HostPattern | undefined {
  const own = new Set(hosts);
  for (const above of patternsCovering(host)) if (own.has(above)) return above;
  return undefined;
}
