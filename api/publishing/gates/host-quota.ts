import { countedIn, type Kind, pluralOf } from '../../../model/kinds/index.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Head } from '../heads/head.ts';
import type { Gate } from './gate.ts';

/**
 * Limits the hosts of one tenant, because all other tenants wait while the hosts of one tenant are compared.
 *
 * The operator may lower the limit below the number of a tenant's hosts. The tenant may then still make every change
 * that adds no hosts. The gate reports the first host of a gateway, and the first host of a route, that exceeds the
 * limit.
 */
export const hostQuota: Gate = {
  code: 'invalid-configuration',
  judge({ head, state, quotas }) {
    const { gatewayHosts, routeHosts } = quotas;
    const errors = [...excess('gateway', head, state, gatewayHosts), ...excess('route', head, state, routeHosts)];
    return { errors, warnings: [] };
  },
};

/** Returns the violation of one limit: the hosts of the gateways, or the hosts of the routes. */
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

/** Finds the place at which the limit is exceeded. It counts unchanged resources before changed ones. */
function first(kind: Kind, head: Head, next: Head, limit: number): Pick<Violation, 'resource' | 'path'> {
  const changed = [...next.configuration.entries(kind)].filter(
    ([name, spec]) => head.configuration.get(kind, name) !== spec,
  );
  let room = limit - next.amounts[kind];
  for (const [, spec] of changed) for (const [amount] of countedIn(kind, spec)) room += amount;
  for (const [name, spec] of changed)
    for (const [amount, path] of countedIn(kind, spec))
      if ((room -= amount) < 0) return { resource: resourceName(kind, name), path };
  // Never reached: the number can only grow if a resource changed.
  return { resource: pluralOf(kind), path: '' };
}
