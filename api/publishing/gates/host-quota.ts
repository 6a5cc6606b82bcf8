import { countedIn, type Kind, pluralOf } from '../../../model/kinds/index.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Head } from '../heads/head.ts';
import type { Gate } from './gate.ts';

/**
 * Limits the hosts of one tenant: all tenants wait while hosts are compared. A tenant that already has more, because a
 * limit was lowered, may make any change that does not add hosts. Reports, for gateways and for routes, the first host
 * beyond the limit.
 */
export const hostQuota: Gate = {
  code: 'invalid-configuration',
  judge({ head, state, ctx: { services } }) {
    const { gatewayHosts, routeHosts } = services.settings;
    const errors = [...excess('gateway', head, state, gatewayHosts), ...excess('route', head, state, routeHosts)];
    return { errors, warnings: [] };
  },
};

function excess(kind: Kind, head: Head, next: Head, limit: number): Violation[] {
  const count = next.amounts[kind];
  if (count <= limit || count <= head.amounts[kind]) return [];
  const { resource, path } = first(kind, head, next, limit);
  return [
    {
      resource,
      path,
      code: 'too-many-hosts',
      message: `the ${pluralOf(kind)} of a tenant may name ${limit} hosts in all, not ${count}`,
      hint: 'a wildcard such as *.example.com covers every host below it; a host counts once for each five labels that it has',
    },
  ];
}

/** Where the limit is passed, counting unchanged resources first. */
function first(kind: Kind, head: Head, next: Head, limit: number): Pick<Violation, 'resource' | 'path'> {
  const changed = [...next.configuration.entries(kind)].filter(
    ([name, spec]) => head.configuration.get(kind, name) !== spec,
  );
  let room = limit - next.amounts[kind];
  for (const [, spec] of changed) for (const [amount] of countedIn(kind, spec)) room += amount;
  for (const [name, spec] of changed)
    for (const [amount, path] of countedIn(kind, spec))
      if ((room -= amount) < 0) return { resource: resourceName(kind, name), path };
  // More than before, and nothing changed: never.
  return { resource: pluralOf(kind), path: '' };
}
