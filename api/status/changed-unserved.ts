import { isAllServed, servingOf } from '../../model/binding/serving.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Services } from '../context.ts';
import { inSlices } from '../pace.ts';
import { Problem } from '../problem.ts';

/**
 * Whether no fleet serves any of what a revision changed, neither as it is in the revision nor as it was before: the
 * fleets have nothing to do then, although they may serve other parts of the tenant.
 *
 * For a tenant whose gateways are all served, which is nearly every tenant, this compares gateways with fleets in
 * memory and reads nothing.
 */
export async function changedUnserved(
  services: Services,
  tenant: string,
  revision: number,
  configuration?: Configuration,
): Promise<boolean> {
  const { all } = await services.fleets.current(services.clock());
  const newest = services.heads.newest(tenant);
  const near = configuration ?? (newest && newest.revision >= revision ? newest.configuration : undefined);
  if (near && (await inSlices(isAllServed(near, tenant, all)))) return false;
  const changes = (await services.store.revisions.find(tenant, revision))?.changes ?? [];
  if (changes.length === 0) return false;
  const after =
    configuration ?? (newest?.revision === revision ? newest.configuration : await kept(services, tenant, revision));
  if (after === undefined) return false;
  const now = await inSlices(servingOf(after, tenant, all, changes));
  if (now === 'served') return false;
  if (now === 'unused' && changes.every(({ verb }) => verb === 'put')) return false;
  // What was served before is withdrawn, so the fleets have something to do.
  const earlier = await kept(services, tenant, revision - 1);
  const before = earlier ? await inSlices(servingOf(earlier, tenant, all, changes)) : 'unused';
  return before !== 'served' && (now === 'unserved' || before === 'unserved');
}

/** Undefined when the revision is pruned, or when the tenant is gone. */
async function kept(services: Services, tenant: string, revision: number): Promise<Configuration | undefined> {
  try {
    return (await services.heads.at(tenant, revision)).configuration;
  } catch (cause) {
    if (cause instanceof Problem && (cause.code === 'revision-pruned' || cause.code === 'not-found')) return undefined;
    throw cause;
  }
}
