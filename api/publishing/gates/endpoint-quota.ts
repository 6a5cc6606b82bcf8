import { countedIn } from '../../../model/kinds/index.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Head } from '../heads/head.ts';
import { type Gate, nothing } from './gate.ts';

/**
 * Limits the endpoints of one tenant: Envoy keeps the endpoints of each subset separately, about 1.5 KB each, and
 * updates them on the thread that loads the hosts of all tenants. A tenant that already has more, because the limit was
 * lowered, may make any change that does not add endpoints. Reports the first list of endpoints, or subset, beyond the
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

/** Where the limit is passed, counting unchanged upstreams first. */
function first(head: Head, next: Head, limit: number): Pick<Violation, 'resource' | 'path'> {
  const changed = [...next.configuration.entries('upstream')]
    .filter(([name, spec]) => head.configuration.get('upstream', name) !== spec)
    .map(([name, spec]) => ({ resource: resourceName('upstream', name), sizes: [...countedIn('upstream', spec)] }));
  let room = limit - next.amounts.upstream;
  for (const { sizes } of changed) for (const [size] of sizes) room += size;
  for (const { resource, sizes } of changed)
    for (const [size, path] of sizes) if ((room -= size) < 0) return { resource, path };
  // More than before, and nothing changed: never.
  return { resource: 'upstreams', path: '' };
}
