import type { Configuration } from '../../model/configuration.ts';
import { isAllServed, serviceOf } from '../../model/served-changes.ts';
import type { House } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { inSlices } from '../pace.ts';

/**
 * Whether no fleet serves any of what a revision changed, neither as it is in the revision nor as it was before: the
 * fleets have nothing to do then, although they may serve other parts of the tenant.
 *
 * For a tenant whose gateways are all served, which is nearly every tenant, this compares gateways with fleets in
 * memory and reads nothing.
 */
export async function changedUnserved(
  house: House,
  tenant: string,
  revision: number,
  configuration?: Configuration,
): Promise<boolean> {
  const { all } = await house.fleets.current(house.clock());
  const newest = house.heads.newest(tenant);
  const near = configuration ?? (newest && newest.revision >= revision ? newest.configuration : undefined);
  if (near && (await inSlices(isAllServed(near, tenant, all)))) return false;
  const changes = (await house.store.revision(tenant, revision))?.changes ?? [];
  if (changes.length === 0) return false;
  const after =
    configuration ?? (newest?.revision === revision ? newest.configuration : await kept(house, tenant, revision));
  if (after === undefined) return false;
  const now = await inSlices(serviceOf(after, tenant, all, changes));
  if (now === 'served') return false;
  if (now === 'unused' && changes.every(({ verb }) => verb === 'put')) return false;
  // What was served before is withdrawn, so the fleets have something to do.
  const earlier = await kept(house, tenant, revision - 1);
  const before = earlier ? await inSlices(serviceOf(earlier, tenant, all, changes)) : 'unused';
  return before !== 'served' && (now === 'unserved' || before === 'unserved');
}

/** Undefined when the revision is pruned, or when the tenant is gone. */
async function kept(house: House, tenant: string, revision: number): Promise<Configuration | undefined> {
  try {
    return (await house.heads.at(tenant, revision)).configuration;
  } catch (cause) {
    if (cause instanceof Problem && (cause.code === 'revision-pruned' || cause.code === 'not-found')) return undefined;
    throw cause;
  }
}
