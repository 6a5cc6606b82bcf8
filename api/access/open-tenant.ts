import type { Services } from '../context.ts';
import { Problem } from '../problem.ts';
import { isClosed } from '../store/tenants.ts';
import { type Access, writesConfiguration } from './matrix.ts';

/**
 * Checks that a tenant is neither suspended nor deleted, for actions that its members and tokens may not perform then.
 *
 * @throws Problem `tenant-suspended`
 */
export async function requireOpen(
  { store, heads }: Pick<Services, 'store' | 'heads'>,
  access: Access,
  tenant: string,
): Promise<void> {
  // A head in memory may be outdated, which the batch of a revision notices.
  if (writesConfiguration(access) && heads.newest(tenant)?.isClosed === false) return;
  const found = await store.tenants.find(tenant);
  if (found && isClosed(found)) throw closed(tenant);
}

/** Makes the problem of a write in a tenant that is suspended or deleted. */
export const closed = (tenant: string): Problem =>
  new Problem('tenant-suspended', {
    detail: `${tenant} can be changed again after an operator has resumed the tenant, or its deletion was undone; until then, its members and tokens may read everything, end access, and delete the tenant`,
  });
