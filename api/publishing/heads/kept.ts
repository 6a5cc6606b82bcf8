import { absent, Problem } from '../../problem.ts';
import type { Store } from '../../store/store.ts';
import type { Tenant } from '../../store/tenants.ts';

/**
 * Checks that a revision that was just read is complete in the store. The caller calls it after the read, because the
 * revision may be pruned during the read. Revision 0 is the empty configuration before the first revision; it is always
 * complete.
 *
 * @returns the tenant
 * @throws Problem `not-found` when the tenant or the revision does not exist
 * @throws Problem `revision-pruned` when the revision is older than the oldest kept one
 */
export async function requireKept(store: Store, tenant: string, revision: number): Promise<Tenant> {
  const found = await store.tenants.find(tenant);
  if (!found) throw absent(`tenant ${tenant}`);
  if (revision > found.revision) throw absent(`revision ${revision}; the head is ${found.revision}`);
  if (revision > 0 && revision < found.oldest)
    throw new Problem('revision-pruned', { detail: `the oldest kept revision is ${found.oldest}` });
  return found;
}
