import { isAllServed, servingOf } from '../../model/binding/serving.ts';
import type { Configuration } from '../../model/configuration.ts';
import type { Services } from '../context.ts';
import { inSlices } from '../pace.ts';
import { combinedNow } from '../publishing/sharing/owners.ts';
import { kept } from './kept.ts';

/**
 * Whether no fleet serves any resource that a revision changed, neither in the version of the revision nor in the
 * previous version. The fleets then have no work for this revision, although they may serve other resources of the
 * tenant.
 *
 * In the common case, fleets serve all gateways of the tenant. The function then compares gateways with fleets in
 * memory, and does not read the store.
 *
 * @param configuration the tenant's configuration at the revision, if the caller has read it
 */
export async function changedUnserved(
  services: Services,
  tenant: string,
  revision: number,
  configuration?: Configuration,
): Promise<boolean> {
  const { all } = await services.fleets.of(tenant, services.clock());
  const newest = services.heads.newest(tenant);
  const near = configuration ?? (newest && newest.revision >= revision ? newest.configuration : undefined);
  if (near && (await inSlices(isAllServed(await combinedNow(services, tenant, near), tenant, all)))) return false;
  const changes = (await services.store.revisions.find(tenant, revision))?.changes ?? [];
  if (changes.length === 0) return false;
  const after =
    configuration ?? (newest?.revision === revision ? newest.configuration : await kept(services, tenant, revision));
  if (after === undefined) return false;
  const now = await inSlices(servingOf(await combinedNow(services, tenant, after), tenant, all, changes));
  if (now === 'served') return false;
  if (now === 'unused' && changes.every(({ verb }) => verb === 'put')) return false;
  // If a fleet served the previous version, it must now stop to serve it. So the fleets have work.
  const earlier = await kept(services, tenant, revision - 1);
  const before = earlier
    ? await inSlices(servingOf(await combinedNow(services, tenant, earlier), tenant, all, changes))
    : 'unused';
  return before !== 'served' && (now === 'unserved' || before === 'unserved');
}
