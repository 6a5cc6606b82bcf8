import { countedIn } from '../../../model/kinds/index.ts';
import { resourceName, type Violation } from '../../../model/violations.ts';
import type { Settings } from '../../settings.ts';
import type { Head } from '../head.ts';

/**
 * Checks the limit on the endpoints of one tenant: Envoy keeps those of each subset apart, about 1.5 KB each, and
 * updates them on the thread that loads the hosts of all tenants. A tenant that already has more, because the limit was
 * lowered, may make any change that does not add endpoints.
 *
 * @returns the first list of endpoints, or subset, that passes the limit
 */
export function tooManyEndpoints(
  head: Head,
  next: Head,
  { endpoints: limit }: Pick<Settings, 'endpoints'>,
): Violation[] {
  const count = next.amounts.upstream;
  if (count <= limit || count <= head.amounts.upstream) return [];
  return [
    {
      ...first(head, next, limit),
      code: 'too-many-endpoints',
      message: `the upstreams of a tenant may have ${limit} endpoints in all, not ${count}`,
      hint: 'an endpoint counts once for its upstream and again for each subset that selects it',
    },
  ];
}

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
