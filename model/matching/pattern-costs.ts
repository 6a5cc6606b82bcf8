/** What the patterns of resources may cost Envoy, by resource and by host. */

import type { Configuration } from '../configuration.ts';
import { hostsIn, type Kind, kindIds, type SpecOf } from '../kinds/index.ts';
import type { Pausable } from '../pausable.ts';
import { costWithoutStates, type PatternCost, patternCost } from '../regex/cost.ts';
import { estimatedWork } from '../regex/work.ts';
import { type HostPattern, isBelowAnother, patternsCovering } from '../values/host.ts';
import { isForeign } from '../values/reference.ts';
import { conditionsIn } from './delegation.ts';
import { type PlacedPattern, patternsOfRoute } from './patterns.ts';

const NO_COST: PatternCost = { time: 0, memory: 0 };

/**
 * The time up to which the patterns of one resource are examined, in microseconds. No new resource has so much, and
 * examining the patterns beyond would take long.
 */
const EXAMINED = 1_000_000;

/** The costs of resources with patterns. Most resources have none, which is found out faster than looked up. */
const known = new WeakMap<object, PatternCost>();

/** Returns the largest cost of all patterns of a resource, for one of its hosts. */
export function costOfPatterns<K extends Kind>(kind: K, spec: SpecOf<K>): PatternCost {
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
export function* costsOfPatterns<K extends Kind>(kind: K, spec: SpecOf<K>): Generator<[PatternCost, PlacedPattern]> {
  let time = 0;
  for (const placed of patternsIn(kind, spec)) {
    const cost = time < EXAMINED ? patternCost(placed.pattern) : costWithoutStates(estimatedWork(placed.pattern));
    time += cost.time;
    yield [cost, placed];
  }
}

const sum = (a: PatternCost, b: PatternCost): PatternCost => ({ time: a.time + b.time, memory: a.memory + b.memory });

/** Stands for the hosts of the routes that delegate to a route, which may belong to another tenant. */
const DELEGATED = 'delegated';

/** The cost of the patterns of a configuration, by host. */
export class PatternCosts {
  readonly #own: ReadonlyMap<HostPattern, PatternCost>;
  readonly #hosts: ReadonlySet<HostPattern>;

  /**
   * @param own the cost of the resources that name a host, by host
   * @param hosts the hosts for which Envoy may load routes
   */
  constructor(own: ReadonlyMap<HostPattern, PatternCost>, hosts: ReadonlySet<HostPattern>) {
    this.#own = own;
    this.#hosts = hosts;
  }

  /** Returns the cost of the patterns that a request for a host may meet, with those of the wildcards above it. */
  of(host: HostPattern): PatternCost {
    let cost = NO_COST;
    for (const above of patternsCovering(host)) cost = sum(cost, this.#own.get(above) ?? NO_COST);
    return cost;
  }

  /** Returns the memory of all hosts together: Envoy keeps the patterns of each host separately. */
  get memory(): number {
    let memory = 0;
    for (const host of this.#hosts) memory += this.of(host).memory;
    return memory;
  }

  /** Returns the host whose patterns may take the most time; undefined when there are no patterns. */
  get slowest(): { host: HostPattern; time: number } | undefined {
    let slowest: { host: HostPattern; time: number } | undefined;
    for (const host of this.#own.keys()) {
      const { time } = this.of(host);
      if (!slowest || time > slowest.time) slowest = { host, time };
    }
    return slowest;
  }
}

/**
 * Adds up the cost of the patterns of a configuration. It counts every resource for each of its hosts, as if each of
 * its gateways admitted them. It pauses once per resource.
 */
export function* patternCosts(configuration: Configuration): Pausable<PatternCosts> {
  const own = new Map<HostPattern, PatternCost>();
  const hosts = new Set<HostPattern>();
  for (const kind of kindIds)
    for (const [name, spec] of configuration.entries(kind)) {
      yield;
      const cost = sum(
        costOfPatterns(kind, spec),
        kind === 'route' ? costOfDelegated(configuration, name, spec as SpecOf<'route'>) : NO_COST,
      );
      const named = new Set([...hostsIn(kind, spec)].map(([host]) => host));
      if ('parents' in spec && spec.parents && !isForeign(name)) named.add(DELEGATED);
      for (const host of named) {
        hosts.add(host);
        if (cost.time > 0 && !isBelowAnother(host, named)) own.set(host, sum(own.get(host) ?? NO_COST, cost));
      }
    }
  return new PatternCosts(own, hosts);
}

/** Returns the cost of the patterns to which the rules of a route delegate. */
function costOfDelegated(configuration: Configuration, name: string, route: SpecOf<'route'>): PatternCost {
  let cost = NO_COST;
  if (!route.http?.some(({ delegate }) => delegate)) return cost;
  for (const { spec, condition, via } of conditionsIn(configuration, name, route))
    if (via)
      for (const { pattern } of patternsOfRoute({ http: [{ ...spec, match: [condition] }] }))
        cost = sum(cost, patternCost(pattern));
  return cost;
}
