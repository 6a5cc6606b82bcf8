import type { Services } from '../context.ts';
import type { NameRow } from '../store/automatic.ts';
import { isClosed, type Tenant } from '../store/tenants.ts';

/**
 * Finds the tenant that uses a name, which must prove it and whose orders it counts among: the tenant of the row, or the
 * one that attaches the host to its shared gateway.
 *
 * @returns undefined when no tenant uses the name any more
 */
export async function userOf(
  { store }: Pick<Services, 'store'>,
  { tenant: owner, name: host, attached }: Pick<NameRow, 'tenant' | 'name' | 'attached'>,
): Promise<string | undefined> {
  if (attached === 0) return owner;
  const found = await store.attached.overlapping(owner, [{ owner, host }]);
  return found.find((each) => each.host === host)?.tenant;
}

/** Returns the first of these tenants that is suspended or deleted; undefined when none is. */
export async function closedAmong(
  { store }: Pick<Services, 'store'>,
  tenants: readonly string[],
): Promise<Tenant | undefined> {
  for (const name of new Set(tenants)) {
    const tenant = await store.tenants.find(name);
    if (tenant && isClosed(tenant)) return tenant;
  }
  return undefined;
}
