/** How much of Envoy's memory the routes of all hosts need. Envoy keeps those of each host separately. */

import type { Configuration } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import type { Pausable } from '../pausable.ts';
import type { Rule } from '../route/rule.ts';
import { conditionsIn } from './delegation.ts';
import { hostCosts, hostsNamed, NO_COST } from './host-costs.ts';

/** Envoy's memory for a condition, in bytes. Its texts, and those of its rule, are added. */
const CONDITION = 2048;

const known = new WeakMap<object, number>();

/** Returns the length of the JSON of a value, which it keeps. */
function textLength(value: object): number {
  let length = known.get(value);
  if (length === undefined) known.set(value, (length = JSON.stringify(value).length));
  return length;
}

/** Returns the memory that each condition of a rule needs besides its own texts. */
const memoryPerCondition = (rule: Rule): number =>
  CONDITION + textLength(rule) - (rule.match ? textLength(rule.match) : 0);

/** Lists the memory of each condition of a route as written, for one host. */
export function* memoryOfConditions({ http = [] }: Pick<Route, 'http'>): Generator<[bytes: number, path: string]> {
  for (const [index, rule] of http.entries()) {
    const each = memoryPerCondition(rule);
    if (!rule.match) yield [each, `/http/${index}`];
    for (const [place, condition] of (rule.match ?? []).entries())
      yield [each + textLength(condition), `/http/${index}/match/${place}`];
  }
}

/**
 * Returns at least the memory of a route for one host. This is fast.
 *
 * @param length the length of the JSON of the route
 */
export function mostMemory({ http = [], hosts = [] }: Pick<Route, 'http' | 'hosts'>, length: number): number {
  let [conditions, most] = [0, 0];
  for (const { match } of http) {
    const count = match?.length ?? 1;
    conditions += count;
    most = Math.max(most, count);
  }
  // The texts of a rule count once for each of its conditions.
  return conditions * CONDITION + most * hosts.reduce((left, host) => left - host.length, length);
}

function memoryOfRoute(configuration: Configuration, name: string, route: Route): number {
  let memory = 0;
  if (route.http?.some(({ delegate }) => delegate))
    for (const { spec, condition } of conditionsIn(configuration, name, route))
      memory += memoryPerCondition(spec) + textLength(condition);
  else for (const [bytes] of memoryOfConditions(route)) memory += bytes;
  return memory;
}

/** Returns the memory of the routes of all hosts, in bytes. */
export function* routeMemory(configuration: Configuration): Pausable<number> {
  const { memory } = yield* hostCosts(
    configuration,
    (kind, _, spec) => hostsNamed(kind, spec),
    (kind, name, spec) =>
      kind === 'route' ? { time: 0, memory: memoryOfRoute(configuration, name, spec as Route) } : NO_COST,
  );
  return memory;
}
