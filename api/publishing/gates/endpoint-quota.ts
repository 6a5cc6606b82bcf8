import { countedIn } from '../../../model/kinds/index.ts';
import { registeredAmount } from '../../../model/registered-endpoints.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Head } from '../heads/head.ts';
import { type Gate, nothing } from './gate.ts';
import { changedUpstreams } from './registered-endpoints.ts';

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
  async judge({ head, state, changes, quotas, ctx: { store } }) {
    const { endpoints: limit } = quotas;
    const own = state.amounts.upstream;
    const isAdding = own > head.amounts.upstream;
    // A subset may select registered endpoints only. Otherwise these are at most half of all, and need not be counted.
    const isSelecting = changedUpstreams({ state, head, changes }).some(
      ({ spec, before }) =>
        spec.subsets !== undefined && JSON.stringify(spec.subsets) !== JSON.stringify(before.subsets),
    );
    if (!isSelecting && (!isAdding || own <= limit / 2)) return nothing;
    const groups = await store.endpoints.groups(state.tenant);
    const registered = registeredAmount(state.configuration, groups);
    const count = own + registered;
    if (count <= limit && (!isSelecting || registered <= limit / 2)) return nothing;
    if (!isAdding && registered <= registeredAmount(head.configuration, groups)) return nothing;
    const violation: Violation = {
      ...first(head, state, limit - registered),
      code: 'too-many-endpoints',
      message:
        registered === 0
          ? `the upstreams of a tenant may have ${limit} endpoints in all, not ${count}`
          : `the upstreams of a tenant may have ${limit} endpoints in all, of which half may be registered, not ${count}, of which ${registered} are registered`,
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
  // The registered endpoints alone exceed their part of the limit, because of the subsets that select them.
  return { resource: changed[0]?.resource ?? 'upstreams', path: '/subsets' };
}
