import { hasDelegation } from '../../../model/binding/delegation.ts';
import type { Route } from '../../../model/kinds/route.ts';
import { memoryOfConditions, routeMemory } from '../../../model/matching/route-memory.ts';
import { inSlices } from '../../pace.ts';
import type { Head } from '../heads/head.ts';
import { combinedWith } from '../sharing/owners.ts';
import { firstBeyond, type Part } from './first-beyond.ts';
import { type Gate, nothing } from './gate.ts';

const MB = 1024 * 1024;

/**
 * Limits the memory that the routes of a tenant need in Envoy, which keeps the routes of each host separately: a few
 * large routes with many hosts would fill it.
 *
 * The operator may lower the limit below the memory that a tenant needs, and a tenant may have needed more before there
 * was a limit. The tenant may then still make every change that does not increase it, and restore an earlier revision.
 */
export const routeQuota: Gate = {
  code: 'invalid-configuration',
  async judge({ head, state, combined, owners, isRestore, quotas, pace }) {
    const limit = quotas.routeMemory * MB;
    if (head === state || isRestore || isBelow(state, limit)) return nothing;
    const next = await inSlices(routeMemory(combined), pace);
    if (next <= limit) return nothing;
    // With the routes of other tenants too: their growth must not stop this tenant's changes.
    const before = await inSlices(routeMemory(combinedWith(owners, head.tenant, head.configuration)), pace);
    if (next <= before) return nothing;
    const violation = {
      ...firstBeyond(head, state, limit - next, (kind, spec) => (kind === 'route' ? partsOf(spec as Route) : [])),
      code: 'routes-too-large',
      message: `the routes of a tenant may need ${limit / MB} MB of Envoy's memory in all, not ${Math.ceil(next / MB)} MB`,
      hint: 'a condition counts about 2 KB and the text of its rule, once for each host that it serves: a prefix or a pattern may stand for many paths, and a wildcard for many hosts',
    };
    return { errors: [violation], warnings: [] };
  },
};

/** Whether the limit holds even if every host were below every wildcard. */
function isBelow({ amounts, configuration }: Head, limit: number): boolean {
  // A condition counts once more for each rule that delegates to it.
  if (hasDelegation(configuration)) return false;
  const { routeMemory, wildRouteMemory, gateway, route } = amounts;
  return routeMemory + wildRouteMemory * (gateway + route) <= limit;
}

function* partsOf(route: Route): Generator<Part> {
  const hosts = route.hosts?.length ?? 0;
  for (const [bytes, path] of memoryOfConditions(route)) yield [bytes * hosts, path];
}
