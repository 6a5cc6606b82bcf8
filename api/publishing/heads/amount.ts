import { amountOf, hostsIn, type Kind, perKind, type SpecOf } from '../../../model/kinds/index.ts';
import { conditionCount } from '../../../model/matching/condition-counts.ts';
import { costOfPatterns } from '../../../model/matching/pattern-costs.ts';
import { mostMemory } from '../../../model/matching/route-memory.ts';
import { destinationsOf } from '../../../model/route/destinations.ts';
import { clustersOfUpstream, MOST_CLUSTER_WEIGHT } from '../../../model/upstream/clusters.ts';
import { checksPerHour } from '../../../model/upstream/health-check.ts';

/** The cost of patterns, summed over resources. */
interface PatternAmounts {
  /** The time that all patterns may take for one request, in microseconds. */
  patternTime: number;
  /** The memory that all patterns may need in Envoy, once per host that their resources name, in bytes. */
  patternMemory: number;
  /** The part of this memory that is needed once more for each host below a wildcard, in bytes. */
  wildcardMemory: number;
}

/** The size of routes. */
interface RouteAmounts {
  /** The number of rules in all sections. */
  rules: number;
  /** The number of conditions. */
  conditions: number;
  /** The memory that the routes need in Envoy at most, once per host that they name, in bytes. */
  routeMemory: number;
  /** The part of this memory that is needed once more for each host below a wildcard, in bytes. */
  wildRouteMemory: number;
  /** The number of destinations. */
  destinations: number;
  /** The clusters that get copies of requests, if all of their destinations differ. */
  mirrors: number;
}

/**
 * The amounts to which limits apply. By kind: hosts of gateways, hosts of routes, and endpoints of upstreams. And the
 * size of all routes, the health checks of all upstreams per hour, their clusters, and the cost of the patterns of all
 * resources.
 */
export type Amounts = Record<Kind, number> & PatternAmounts & RouteAmounts & { checks: number; clusters: number };

/** The amounts of one resource. */
export interface Amount {
  /** The number of hosts or endpoints, as `amountOf` counts them. */
  count: number;
  /** The health checks that an upstream causes per hour in one Envoy; absent when it has none. */
  checks?: number;
  /** The clusters of an upstream; absent for other kinds. */
  clusters?: number;
  /** Absent when the resource is not a route. */
  routes?: RouteAmounts;
  /** Absent when the resource has no patterns. */
  patterns?: PatternAmounts;
}

/** The amounts of a tenant without resources: 0 for each kind. */
export const noAmounts = (): Amounts => ({
  ...perKind(() => 0),
  checks: 0,
  clusters: 0,
  rules: 0,
  conditions: 0,
  routeMemory: 0,
  wildRouteMemory: 0,
  destinations: 0,
  mirrors: 0,
  patternTime: 0,
  patternMemory: 0,
  wildcardMemory: 0,
});

/**
 * Computes the amounts of one resource.
 *
 * @param length the length of the JSON of the resource
 */
export function amountIn(kind: Kind, spec: SpecOf<Kind>, length: number): Amount {
  const amount: Amount = { count: amountOf(kind, spec) };
  if (kind === 'upstream') {
    const upstream = spec as SpecOf<'upstream'>;
    amount.checks = checksPerHour(upstream, amount.count);
    amount.clusters = clustersOfUpstream(upstream);
  }
  if (kind === 'route') amount.routes = routeAmounts(spec as SpecOf<'route'>, length);
  const { time, memory } = costOfPatterns(kind, spec);
  if (time === 0) return amount;
  const hosts = [...hostsIn(kind, spec)];
  const wildcards = hosts.filter(([host]) => host.startsWith('*')).length;
  amount.patterns = { patternTime: time, patternMemory: memory * hosts.length, wildcardMemory: memory * wildcards };
  return amount;
}

function routeAmounts(route: SpecOf<'route'>, length: number): RouteAmounts {
  const { hosts = [] } = route;
  const memory = mostMemory(route, length);
  const destinations = destinationsOf(route);
  const mirrors = destinations.filter(({ use }) => use === 'mirror').length * MOST_CLUSTER_WEIGHT;
  let wildcards = 0;
  for (const host of hosts) if (host.startsWith('*')) wildcards++;
  return {
    rules: ruleCount(route),
    conditions: conditionCount(route),
    routeMemory: memory * hosts.length,
    wildRouteMemory: memory * wildcards,
    destinations: destinations.length,
    mirrors,
  };
}

const ruleCount = ({ http = [], tls = [], tcp = [], udp = [] }: SpecOf<'route'>): number =>
  http.length + tls.length + tcp.length + udp.length;

/**
 * Adds the amounts of one resource to those of a tenant.
 *
 * @param times 1, or -1 to subtract them
 */
export function addAmount(
  amounts: Amounts,
  kind: Kind,
  { count, checks = 0, clusters = 0, routes, patterns }: Amount,
  times: 1 | -1,
): void {
  amounts[kind] += times * count;
  amounts.checks += times * checks;
  amounts.clusters += times * clusters;
  if (routes) for (const each of routeAmountIds) amounts[each] += times * routes[each];
  if (patterns) for (const each of patternAmountIds) amounts[each] += times * patterns[each];
}

const routeAmountIds = ['rules', 'conditions', 'routeMemory', 'wildRouteMemory', 'destinations', 'mirrors'] as const;
const patternAmountIds = ['patternTime', 'patternMemory', 'wildcardMemory'] as const;
