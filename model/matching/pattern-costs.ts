/** What the patterns of resources may cost Envoy, by resource and by host. */

import type { Configuration } from '../configuration.ts';
import type { Kind, SpecOf } from '../kinds/index.ts';
import type { Pausable } from '../pausable.ts';
import { costWithoutStates, patternCost } from '../regex/cost.ts';
import { estimatedWork } from '../regex/work.ts';
import type { HostPattern } from '../values/host.ts';
import { isForeign } from '../values/reference.ts';
import { conditionsIn } from './delegation.ts';
import { type Cost, type HostCosts, hostCosts, hostsNamed, NO_COST, sum } from './host-costs.ts';
import { type PlacedPattern, patternsOfRoute } from './patterns.ts';

/**
 * The time up to which the patterns of one resource are examined, in microseconds. No new resource has so much, and
 * examining the patterns beyond would take long.
 */
const EXAMINED = 1_000_000;

/** The costs of resources with patterns. Most resources have none, which is found out faster than looked up. */
const known = new WeakMap<object, Cost>();

/** Returns the largest cost of all patterns of a resource, for one of its hosts. */
export function costOfPatterns<K extends Kind>(kind: K, spec: SpecOf<K>): Cost {
  let cost = known.get(spec);
  if (cost) return cost;
  cost = NO_COST;
  for (const [each] of costsOfPatterns(kind, spec)) cost = sum(cost, each);
  if (cost !== NO_COST) known.set(spec, cost);
  return cost;
}

/** Lists the patterns of a resource, by kind. A kind that is not listed has no patterns. */
const patternsOf: { readonly [K in Kind]?: (spec: SpecOf<K>) => readonly PlacedPattern[] } = { route: patternsOfRoute };

function patternsIn<K extends Kind>(kind: K, spec: SpecOf<K>): readonly PlacedPattern[] {
  // TypeScript cannot connect a generic kind with its spec.
  const list = patternsOf[kind] as ((spec: SpecOf<K>) => readonly PlacedPattern[]) | undefined;
  return list?.(spec) ?? [];
}

/** Lists the cost of each pattern of a resource. */
export function* costsOfPatterns<K extends Kind>(kind: K, spec: SpecOf<K>): Generator<[Cost, PlacedPattern]> {
  let time = 0;
  for (const placed of patternsIn(kind, spec)) {
    const cost = time < EXAMINED ? patternCost(placed.pattern) : costWithoutStates(estimatedWork(placed.pattern));
    time += cost.time;
    yield [cost, placed];
  }
}

/** Stands for the hosts of the routes that delegate to a route, which may belong to another tenant. */
const DELEGATED = 'delegated';

/** Returns the cost of the patterns of a configuration, by host. */
export const patternCosts = (configuration: Configuration): Pausable<HostCosts> =>
  hostCosts(configuration, hostsOf, (kind, name, spec) =>
    sum(
      costOfPatterns(kind, spec),
      kind === 'route' ? costOfDelegated(configuration, name, spec as SpecOf<'route'>) : NO_COST,
    ),
  );

function* hostsOf<K extends Kind>(kind: K, name: string, spec: SpecOf<K>): Generator<HostPattern> {
  yield* hostsNamed(kind, spec);
  if ('parents' in spec && spec.parents && !isForeign(name)) yield DELEGATED;
}

/** Returns the cost of the patterns to which the rules of a route delegate. */
function costOfDelegated(configuration: Configuration, name: string, route: SpecOf<'route'>): Cost {
  let cost = NO_COST;
  if (!route.http?.some(({ delegate }) => delegate)) return cost;
  for (const { spec, condition, via } of conditionsIn(configuration, name, route))
    if (via)
      for (const { pattern } of patternsOfRoute({ http: [{ ...spec, match: [condition] }] }))
        cost = sum(cost, patternCost(pattern));
  return cost;
}
