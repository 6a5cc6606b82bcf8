import { absent, Problem } from '../../problem.ts';
import type { Store } from '../../store/store.ts';

/**
 * For reads as of a revision. Call it after the read: the revision may be pruned while it is read.
 *
 * @throws Problem `not-found` when the head has not reached it, `revision-pruned` when it is no longer whole
 */
export async function requireKept(store: Store, tenant: string, revision: number): Promise<void> {
  const found = await store.tenants.find(tenant);
  if (!found) throw absent(`tenant ${tenant}`);
  if (revision > found.revision) throw absent(`revision ${revision}; the head is ${found.revision}`);
  if (revision < found.oldest)
    throw new Problem('revision-pruned', { detail: `the oldest kept revision is ${found.oldest}` });
}
