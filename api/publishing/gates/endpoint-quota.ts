import { countedIn } from '../../../model/kinds/index.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Head } from '../heads/head.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Limits the endpoints of one tenant. Envoy stores the endpoints of each subset separately, with about 1.5 KB per
 * endpoint, and updates them on the thread that also loads the hosts of all tenants.
 *
 * The operator may lower the limit below the number of a tenant's endpoints. The tenant may then still make every
 * change that adds no endpoints. The gate reports the first list of endpoints, or the first subset, that exceeds the
 * limit.
 */
export const endpointQuota: Gate = {
  code: 'invalid-configuration',
  judge({ head, state, ctx: { services } }) {
    const { endpoints: limit } = services.settings;
    const count = state.amounts.upstream;
    if (count <= limit || count <= head.amounts.upstream) return nothing;
    const violation: Violation = {
      ...first(head, state, limit),
      code: 'too-many-endpoints',
      message: `the upstreams of a tenant may have ${limit} endpoints in all, not ${count}`,
      hint: 'an endpoint counts once for its upstream and again for each subset that selects it',
    };
    return { errors: [violation], warnings: [] };
  },
};

/** Finds the place at which the limit is exceeded. It counts unchanged upstreams before changed ones. */
function first(head: Head, next: Head, limit: number): Pick<Violation, 'resource' | 'path'> {
  const changed = [...next.configuration.entries('upstream')]
    .filter(([name, spec]) => head.configuration.get('upstream', name) !== spec)
    .map(([name, spec]) => ({ resource: resourceName('upstream', name), sizes: [...countedIn('upstream', spec)] }));
  let room = limit - next.amounts.upstream;
  for (const { sizes } of changed) for (const [size] of sizes) room += size;
  for (const { resource, sizes } of changed)
    for (const [size, path] of sizes) if ((room -= size) < 0) return { resource, path };
  // Never reached: the number can only grow if an upstream changed.
  return { resource: 'upstreams', path: '' };
}
