/**
 * Expands the rules of a route that delegate to other routes: the conditions of the other route take the place of the
 * rule (docs/decisions/0037-delegation.md).
 */

import { hasDelegation } from '../binding/delegation.ts';
import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import { admitsParent } from '../route/delegate.ts';
import type { Match } from '../route/match.ts';
import { quote } from '../values/quote.ts';
import { isForeign } from '../values/reference.ts';
import { resourceName } from '../violations.ts';
import { commonCondition } from './common-condition.ts';
import type { RankedRule } from './precedence.ts';
import { bySpecificity } from './specificity.ts';

/** The place of a condition of a rule. */
export type ConditionPlace = Pick<RankedRule, 'route' | 'rule' | 'match' | 'spec'>;

/** The largest number of delegations between a rule and the route whose gateways admit the request. */
const MAX_DEPTH = 4;

/** The largest number of conditions that one condition of a rule may get by delegation. */
const MAX_DELEGATED = 512;

/** The largest number of conditions that all conditions of a route may get by delegation. Each is a route in Envoy. */
const MAX_OF_ROUTE = 2048;

/**
 * The largest number of conditions that are combined for a route: enough for the most conditions at the greatest depth.
 * Those that serve no request count too, because each of several routes may multiply their number.
 */
const MAX_COMBINED = MAX_OF_ROUTE * (MAX_DEPTH + 1);

/** The largest number for all routes of a host. Beyond it, conditions of children that grow later are left out. */
export const MAX_OF_HOST = 8192;

/** The reason why a rule delegates nothing, or why a condition of the other route cannot serve requests. */
export interface DelegationProblem {
  /** The condition that delegates. */
  by: ConditionPlace;
  /** The condition of the other route; absent when none of its rules is bound. */
  condition?: ConditionPlace;
  code: 'dangling-reference' | 'not-delegated' | 'delegation-cycle' | 'too-deep' | 'too-big' | 'delegation-conflict';
  /** JSON pointer to the field, inside the rule that delegates or inside the condition. */
  field: string;
  /** A sentence for people. Its subject is the field. A conflict concerns `by`, which is not in the sentence. */
  message: string;
}

/** Returns the JSON pointer of a condition inside its route; of a rule without conditions, the one of the rule. */
export const conditionPath = ({ rule, match, spec }: ConditionPlace): string =>
  spec.match ? `/http/${rule}/match/${match}` : `/http/${rule}`;

const everyRequest: Match = {};

/**
 * Lists the conditions of a route as written.
 *
 * @param through the server through which the route is bound
 */
const writtenConditions = (
  name: string,
  { http = [] }: Route,
  through: RankedRule['through'] = undefined,
): RankedRule[] =>
  http.flatMap((spec, rule) =>
    (spec.match ?? [everyRequest]).map(
      (condition, match): RankedRule => ({ route: name, through, rule, match, condition, spec }),
    ),
  );

/** A number of conditions that may still be delegated. */
export interface Room {
  left: number;
}

/** A condition of a route with what serves its requests: itself, or conditions of the route to which it delegates. */
export interface Expanded {
  written: RankedRule;
  conditions: RankedRule[];
  problems: DelegationProblem[];
}

/**
 * Expands the conditions of a route, in order.
 *
 * @param through the server through which the route is bound
 * @param room how many conditions may be delegated for the host; it is reduced by those that are
 */
export function* expanded(
  configuration: Configuration,
  name: string,
  route: Route,
  through?: RankedRule['through'],
  room: Room = { left: MAX_OF_HOST },
): Generator<Expanded> {
  let left = MAX_OF_ROUTE;
  const combinations: Room = { left: MAX_COMBINED };
  for (const written of writtenConditions(name, route, through)) {
    if (!written.spec.delegate) {
      yield { written, conditions: [written], problems: [] };
      continue;
    }
    const most = Math.max(0, Math.min(left, room.left));
    // Expansions without room would only take time.
    const { conditions, problems } =
      most > 0 ? delegated(configuration, written, combinations) : { conditions: [], problems: [] };
    const kept = conditions.slice(0, most);
    const tooBig = (message: string) =>
      problems.push({ by: placeOf(written), code: 'too-big', field: '/delegate', message });
    if (most === 0 || kept.length < conditions.length)
      tooBig(
        `the conditions of the route delegate to more than ${MAX_OF_ROUTE} conditions, or those of the host to more than ${MAX_OF_HOST}`,
      );
    else if (combinations.left < 0)
      tooBig(
        `the conditions of the route, combined with those of the routes to which they delegate, are more than ${MAX_COMBINED}`,
      );
    left -= kept.length;
    room.left -= kept.length;
    yield { written, conditions: kept, problems };
  }
}

/** Lists the conditions of a route as written, with those of other routes in the place of conditions that delegate. */
export function conditionsIn(
  configuration: Configuration,
  name: string,
  route: Route,
  through?: RankedRule['through'],
  room?: Room,
): RankedRule[] {
  if (!route.http?.some(({ delegate }) => delegate)) return writtenConditions(name, route, through);
  return [...expanded(configuration, name, route, through, room)].flatMap(({ conditions }) => conditions);
}

/**
 * Returns the conditions that serve the requests of a condition that delegates, in order. Its list `problems` has what
 * serves no request, and why.
 *
 * @param ranked a condition of a rule with `delegate`
 * @param combinations how many conditions may be combined for the route; below 0 when these were not all
 */
function delegated(
  configuration: Configuration,
  ranked: RankedRule,
  combinations: Room,
): { conditions: RankedRule[]; problems: DelegationProblem[] } {
  const problems: DelegationProblem[] = [];
  const conditions = expand(configuration, ranked, { problems, combinations });
  if (conditions.length <= MAX_DELEGATED) return { conditions, problems };
  const message = `delegates to more than ${MAX_DELEGATED} conditions: ${conditions.length}`;
  problems.push({ by: placeOf(ranked), code: 'too-big', field: '/delegate', message });
  return { conditions: conditions.slice(0, MAX_DELEGATED), problems };
}

function expand(
  configuration: Configuration,
  ranked: RankedRule,
  work: { problems: DelegationProblem[]; combinations: Room },
): RankedRule[] {
  const { problems, combinations } = work;
  const by = placeOf(ranked);
  const { route: target } = ranked.spec.delegate!;
  const fail = (code: DelegationProblem['code'], message: string): [] => {
    problems.push({ by, code, field: '/delegate/route', message });
    return [];
  };
  const child = configuration.get('route', target);
  // The message must not say whether there is such a route or such a tenant.
  if (isForeign(target) && !admitsParent(child?.parents, ranked.route))
    return fail('not-delegated', `the route ${target} does not admit delegation by routes/${ranked.route}`);
  if (!child) return fail('dangling-reference', `there is no route ${quote(target)}`);
  if (!admitsParent(child.parents, ranked.route))
    return fail(
      'not-delegated',
      `${resourceName('route', target)} does not name ${quote(ranked.route)} in its parents`,
    );
  const chain = [...(ranked.via ?? []), by];
  if (chain.some(({ route }) => route === target)) return fail('delegation-cycle', 'the route delegates to itself');
  if (chain.length > MAX_DEPTH) return fail('too-deep', `more than ${MAX_DEPTH} routes delegate to each other`);
  const found: RankedRule[] = [];
  for (const each of writtenConditions(target, child, ranked.through)) {
    if (combinations.left < 0 || --combinations.left < 0) break;
    const common = commonCondition(ranked.condition, each.condition);
    if ('reason' in common) {
      const { field, reason: message } = common;
      problems.push({ by, condition: placeOf(each), code: 'delegation-conflict', field, message });
      continue;
    }
    const inner: RankedRule = { ...each, condition: common.condition, via: chain };
    if (inner.spec.delegate) found.push(...expand(configuration, inner, work));
    else found.push(inner);
    // The caller reports the number; the rest would only take time.
    if (found.length > MAX_DELEGATED) break;
  }
  return child.order === 'specific' ? bySpecificity(found) : found;
}

/** Returns the place of a condition in the route that is bound to the host. */
export const writtenAt = (rule: RankedRule): ConditionPlace => rule.via?.[0] ?? rule;

const placeOf = ({ route, rule, match, spec }: ConditionPlace): ConditionPlace => ({ route, rule, match, spec });

/**
 * Lists the rules that delegate to a route.
 *
 * @returns the name of each route, and the JSON pointer inside it to the field that names the other route
 */
export function delegatingTo(configuration: Configuration, target: string): { name: string; path: string }[] {
  if (!hasDelegation(configuration)) return [];
  return [...configuration.entries('route')].flatMap(([name, { http = [] }]) =>
    http.flatMap(({ delegate }, rule) =>
      delegate?.route === target ? { name, path: `/http/${rule}/delegate/route` } : [],
    ),
  );
}
