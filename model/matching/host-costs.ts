/** What resources cost Envoy, added up by host. */

import type { Configuration } from '../configuration.ts';
import { hostsIn, type Kind, kindIds, type SpecOf } from '../kinds/index.ts';
import type { Pausable } from '../pausable.ts';
import { type HostPattern, isBelowAnother, patternsCovering } from '../values/host.ts';

/** What a resource may cost Envoy. */
export interface Cost {
  /** Time per request, in microseconds. */
  time: number;
  /** In bytes. */
  memory: number;
}

/** The cost of a resource without costs. */
export const NO_COST: Cost = { time: 0, memory: 0 };

/** Adds two costs. */
export const sum = (a: Cost, b: Cost): Cost => ({ time: a.time + b.time, memory: a.memory + b.memory });

/** The cost of a configuration, by host. */
export class HostCosts {
  readonly #own: ReadonlyMap<HostPattern, Cost>;
  readonly #hosts: ReadonlySet<HostPattern>;

  /**
   * @param own the cost of the resources that name a host, by host
   * @param hosts the hosts for which Envoy may load routes
   */
  constructor(own: ReadonlyMap<HostPattern, Cost>, hosts: ReadonlySet<HostPattern>) {
    this.#own = own;
    this.#hosts = hosts;
  }

  /** Returns the sum of the costs of a host and of the wildcards above it, because a request may reach all of them. */
  of(host: HostPattern): Cost {
    let cost = NO_COST;
    for (const above of patternsCovering(host)) cost = sum(cost, this.#own.get(above) ?? NO_COST);
    return cost;
  }

  /** Returns the memory of all hosts together: Envoy keeps the routes of each host separately. */
  get memory(): number {
    let memory = 0;
    for (const host of this.#hosts) memory += this.of(host).memory;
    return memory;
  }

  /** Returns the host whose requests may take the most time; undefined when nothing has a cost. */
  get slowest(): { host: HostPattern; time: number } | undefined {
    let slowest: { host: HostPattern; time: number } | undefined;
    for (const host of this.#own.keys()) {
      const { time } = this.of(host);
      if (!slowest || time > slowest.time) slowest = { host, time };
    }
    return slowest;
  }
}

/** Lists the hosts that a resource names. */
export function* hostsNamed<K extends Kind>(kind: K, spec: SpecOf<K>): Generator<HostPattern> {
  for (const [host] of hostsIn(kind, spec)) yield host;
}

/**
 * Adds up the cost of a configuration. It counts every resource for each of its hosts, as if each of its gateways
 * admitted them. It pauses once per resource.
 *
 * @param hostsOf lists the hosts of a resource
 * @param costOf returns the cost of a resource for one host; called only for resources with hosts
 */
export function* hostCosts(
  configuration: Configuration,
  hostsOf: <K extends Kind>(kind: K, name: string, spec: SpecOf<K>) => Iterable<HostPattern>,
  costOf: <K extends Kind>(kind: K, name: string, spec: SpecOf<K>) => Cost,
): Pausable<HostCosts> {
  const own = new Map<HostPattern, Cost>();
  const hosts = new Set<HostPattern>();
  for (const kind of kindIds)
    for (const [name, spec] of configuration.entries(kind)) {
      yield;
      const named = new Set(hostsOf(kind, name, spec));
      const cost = named.size > 0 ? costOf(kind, name, spec) : NO_COST;
      const isSome = cost.time > 0 || cost.memory > 0;
      for (const host of named) {
        hosts.add(host);
        if (isSome && !isBelowAnother(host, named)) own.set(host, sum(own.get(host) ?? NO_COST, cost));
      }
    }
  return new HostCosts(own, hosts);
}
