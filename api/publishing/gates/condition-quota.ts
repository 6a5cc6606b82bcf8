import type { Route } from '../../../model/kinds/route.ts';
import { conditionCount, conditionCounts } from '../../../model/matching/condition-counts.ts';
import { covers, type HostPattern } from '../../../model/values/host.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';

import { type Gate, nothing } from './gate.ts';

/**
 * Limits the conditions of one host. The agent compiles all of them at once, and Envoy reads them in one message, and
 * all other tenants wait meanwhile.
 *
 * The operator may lower the limit below the number that a host has, and a host may have had more before there was a
 * limit. The tenant may then still make every change that adds no conditions to the host, and restore an earlier
 * revision.
 */
export const conditionQuota: Gate = {
  code: 'invalid-configuration',
  judge({ head, state, changes, isRestore, quotas }) {
    const { hostConditions: limit } = quotas;
    // Nearly all tenants have fewer conditions in all.
    if (head === state || isRestore || state.amounts.conditions <= limit) return nothing;
    const written = changes.flatMap((change) =>
      change.verb === 'put' && change.kind === 'route' ? { name: change.name, route: change.spec } : [],
    );
    const hosts = new Set(written.flatMap(({ route }) => route.hosts ?? []));
    if (hosts.size === 0) return nothing;
    const counts = conditionCounts(state.configuration, hosts);
    const beyond = [...counts].filter(([, count]) => count > limit);
    if (beyond.length === 0) return nothing;
    const before = conditionCounts(head.configuration, hosts);
    const grown = beyond.find(([host, count]) => count > (before.get(host) ?? 0));
    return grown ? { errors: [violation(written, ...grown, limit)], warnings: [] } : nothing;
  },
};

/** Reports the condition at which the limit is exceeded. It counts unchanged routes before changed ones. */
function violation(
  written: readonly { name: string; route: Route }[],
  host: HostPattern,
  count: number,
  limit: number,
): Violation {
  const serving = written.filter(({ route }) => route.hosts?.some((each) => covers(each, host)));
  let room = limit - count;
  for (const { route } of serving) room += conditionCount(route);
  return {
    ...first(serving, room),
    code: 'too-many-conditions',
    message: `the routes of a host may have ${limit} conditions in all, not ${count} as for ${host}`,
    hint: 'a prefix or a pattern may stand for many paths; a rule without conditions counts as one, and routes of a wildcard count for each host below it',
  };
}

function first(routes: readonly { name: string; route: Route }[], room: number): Pick<Violation, 'resource' | 'path'> {
  let left = room;
  for (const { name, route } of routes)
    for (const [rule, { match }] of (route.http ?? []).entries()) {
      const conditions = match?.length ?? 1;
      if (left < conditions)
        return {
          resource: resourceName('route', name),
          path: match ? `/http/${rule}/match/${Math.max(left, 0)}` : `/http/${rule}`,
        };
      left -= conditions;
    }
  // A change from a wildcard to the hosts below it adds conditions to them.
  return { resource: resourceName('route', routes[0]?.name ?? ''), path: '/hosts' };
}
