import { amountOf, hostsIn, type Kind, perKind, type SpecOf } from '../../../model/kinds/index.ts';
import { conditionCount } from '../../../model/matching/condition-counts.ts';
import { costOfPatterns } from '../../../model/matching/pattern-costs.ts';

/** The cost of patterns, summed over resources. */
interface PatternAmounts {
  /** The time that all patterns may take for one request, in microseconds. */
  patternTime: number;
  /** The memory that all patterns may need in Envoy, once per host that their resources name, in bytes. */
  patternMemory: number;
  /** The part of this memory that is needed once more for each host below a wildcard, in bytes. */
  wildcardMemory: number;
}

/**
 * The amounts to which limits apply. By kind: hosts of gateways, hosts of routes, and endpoints of upstreams. And the
 * conditions of all routes, and the cost of the patterns of all resources.
 */
export type Amounts = Record<Kind, number> & PatternAmounts & { conditions: number };

/** The amounts of one resource. */
export interface Amount {
  /** The number of hosts or endpoints, as `amountOf` counts them. */
  count: number;
  /** The number of conditions of a route; otherwise 0. */
  conditions: number;
  /** Absent when the resource has no patterns. */
  patterns?: PatternAmounts;
}

/** The amounts of a tenant without resources: 0 for each kind. */
export const noAmounts = (): Amounts => ({
  ...perKind(() => 0),
  conditions: 0,
  patternTime: 0,
  patternMemory: 0,
  wildcardMemory: 0,
});

/** Computes the amounts of one resource. */
export function amountIn(kind: Kind, spec: SpecOf<Kind>): Amount {
  const count = amountOf(kind, spec);
  const conditions = kind === 'route' ? conditionCount(spec as SpecOf<'route'>) : 0;
  const { time, memory } = costOfPatterns(kind, spec);
  if (time === 0) return { count, conditions };
  const hosts = [...hostsIn(kind, spec)];
  const wildcards = hosts.filter(([host]) => host.startsWith('*')).length;
  const patterns = { patternTime: time, patternMemory: memory * hosts.length, wildcardMemory: memory * wildcards };
  return { count, conditions, patterns };
}

/**
 * Adds the amounts of one resource to those of a tenant.
 *
 * @param times 1, or -1 to subtract them
 */
export function addAmount(amounts: Amounts, kind: Kind, { count, conditions, patterns }: Amount, times: 1 | -1): void {
  amounts[kind] += times * count;
  amounts.conditions += times * conditions;
  if (patterns === undefined) return;
  for (const each of patternAmounts) amounts[each] += times * patterns[each];
}

const patternAmounts = ['patternTime', 'patternMemory', 'wildcardMemory'] as const;
