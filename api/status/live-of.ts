import type { Behind } from '../../wire/feed.ts';
import type { Store } from '../store/store.ts';

/** How much of the feed one node serves, or all nodes of a fleet. */
interface Serving {
  live: number;
  ahead: number;
  behind: readonly Behind[];
}

/** Returns the number up to which nodes serve the events of a tenant that shares nothing with others. */
export function liveOf({ live, ahead, behind }: Serving, tenant: string): number {
  const own = behind.find((each) => each.tenant === tenant)?.live ?? ahead;
  return Math.max(live, Math.min(own, ahead));
}

/**
 * Whether a tenant shares gateways or routes with other tenants. What nodes serve of it then depends on the events of
 * these tenants too.
 */
export async function isSharing({ attached, named }: Store, tenant: string): Promise<boolean> {
  const [{ owners, parents }, ...found] = await Promise.all([
    named.of(tenant),
    attached.of(tenant),
    attached.to(tenant, { limit: 1 }),
    named.asParent(tenant),
  ]);
  return [owners, parents, ...found].some((each) => each.length > 0);
}
