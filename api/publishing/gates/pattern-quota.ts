import { hasDelegation } from '../../../model/binding/delegation.ts';
import { hostsIn } from '../../../model/kinds/index.ts';
import type { Cost, HostCosts } from '../../../model/matching/host-costs.ts';
import { costsOfPatterns, patternCosts } from '../../../model/matching/pattern-costs.ts';
import type { HostPattern } from '../../../model/values/host.ts';
import { covers } from '../../../model/values/host.ts';
import type { Violation } from '../../../model/violations.ts';
import { inSlices } from '../../pace.ts';
import type { Head } from '../heads/head.ts';
import { combinedWith } from '../sharing/owners.ts';
import { firstBeyond, type Part } from './first-beyond.ts';
import { type Gate, nothing } from './gate.ts';

const MB = 1024 * 1024;

/**
 * Limits what the patterns of a tenant may cost Envoy: the time for one request, during which the requests of other
 * tenants wait, and the memory.
 *
 * The operator may lower the limits below the cost of a tenant's patterns. The tenant may then still make every change
 * that increases neither the memory nor the time of the slowest host.
 */
export const patternQuota: Gate = {
  code: 'invalid-configuration',
  async judge({ head, state, combined, owners, quotas, pace }) {
    const { patternTime, patternMemory } = quotas;
    const [time, memory] = [patternTime * 1000, patternMemory * MB];
    if (head === state || isBelowLimits(state, time, memory)) return nothing;
    const next = await inSlices(patternCosts(combined), pace);
    const slowest = next.slowest;
    const isSlow = slowest !== undefined && slowest.time > time;
    const isLarge = next.memory > memory;
    if (!isSlow && !isLarge) return nothing;
    // With the routes of other tenants too: their growth must not stop this tenant's changes.
    const own = combinedWith(owners, head.tenant, head.configuration);
    const before = await inSlices(patternCosts(own), pace);
    const errors: Violation[] = [];
    if (isSlow && slowest.time > before.of(slowest.host).time) errors.push(tooSlow(head, state, slowest, time));
    if (isLarge && next.memory > before.memory) errors.push(tooLarge(head, state, next, memory));
    return { errors, warnings: [] };
  },
};

/** Whether the limits hold even if one request met all patterns, and if every host were below every wildcard. */
function isBelowLimits({ amounts, configuration }: Head, time: number, memory: number): boolean {
  // A pattern counts once more for each rule that delegates to it.
  if (hasDelegation(configuration)) return false;
  const { patternTime, patternMemory, wildcardMemory, gateway, route } = amounts;
  return patternTime <= time && patternMemory + wildcardMemory * (gateway + route) <= memory;
}

function tooSlow(head: Head, next: Head, { host, time }: NonNullable<HostCosts['slowest']>, limit: number): Violation {
  const isServing = (hosts: readonly HostPattern[]) => Number(hosts.some((each) => covers(each, host)));
  return {
    ...first(head, next, limit - time, ({ time }, hosts) => time * isServing(hosts)),
    code: 'patterns-too-slow',
    message: `the regular expressions that a request for ${host} may meet can take Envoy ${inUnits(time / 1000)} ms; at most ${limit / 1000} ms are allowed`,
    hint: HINT,
  };
}

function tooLarge(head: Head, next: Head, { memory }: HostCosts, limit: number): Violation {
  return {
    ...first(head, next, limit - memory, ({ memory }, hosts) => memory * hosts.length),
    code: 'patterns-too-large',
    message: `the regular expressions of a tenant may need ${limit / MB} MB of Envoy's memory in all, not ${inUnits(memory / MB)} MB`,
    hint: `${HINT}; a pattern counts once for each host that it serves`,
  };
}

const HINT =
  'a pattern is expensive when repeated pieces follow a wildcard that matches them too, as in `.*a.{20}b`: begin with fixed text, or use `[^/]*` instead of `.*`';

const inUnits = (amount: number): number => Math.ceil(amount);

/**
 * Finds the pattern at which a limit is exceeded. Without one, the change adds hosts below a wildcard whose route has
 * patterns.
 *
 * @param amountOf returns the amount of one pattern of a resource with these hosts
 */
function first(
  head: Head,
  next: Head,
  room: number,
  amountOf: (cost: Cost, hosts: readonly HostPattern[]) => number,
): Pick<Violation, 'resource' | 'path'> {
  return firstBeyond(head, next, room, (kind, spec) => {
    const hosts = [...hostsIn(kind, spec)].map(([host]) => host);
    return [...costsOfPatterns(kind, spec)].map(([cost, { path }]): Part => [amountOf(cost, hosts), path]);
  });
}
