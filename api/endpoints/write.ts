import type { Services } from '../context.ts';
import type { Head } from '../publishing/heads/head.ts';
import type { Look } from '../publishing/heads/heads.ts';
import { LostRace } from '../publishing/heads/lost-race.ts';
import { decidingHeads, namedGateways, othersIn, parentGateways } from '../publishing/sharing/owners.ts';
import { fleetsOf } from '../serving/serving.ts';
import type { EndpointChange } from '../store/endpoints.ts';
import type { Fleet } from '../store/fleets.ts';
import type { OtherHead } from '../store/head-guards.ts';

type Change = Pick<EndpointChange, 'registered' | 'puts' | 'removes' | 'expiredBy' | 'audit'>;

/**
 * Writes a change of a tenant's registered endpoints, and wakes the feeds of the fleets that serve the tenant. The head
 * of the tenant stays the same.
 *
 * @param basis has loaded the head for which the change was computed
 * @throws LostRace when the tenant has another head, or the fleets have changed
 */
export async function write(services: Services, basis: Look, change: Change): Promise<void> {
  const { store, heads, fleets, feeds, clock } = services;
  const { head, own } = basis.loaded!;
  const { tenant, revision, id, born, plan } = head;
  const now = clock();
  const { generation, serving, others } = await servingNow(services, head);
  const outcome = await store.endpoints.write({
    tenant,
    head: { revision, id, tenantCreatedAt: born, plan },
    others,
    fleetGeneration: generation,
    fleets: serving.map(({ name }) => name),
    at: now,
    ...change,
  });
  if (outcome.ok) return feeds.wake(outcome.seqs);
  if (outcome.conflict === 'fleets') fleets.forget();
  // The batch of a head that this process is writing may only be late.
  else if (own) await heads.confirm(basis);
  else heads.forget(tenant);
  throw new LostRace();
}

/**
 * Returns the fleets that serve a tenant, with the generation of all fleets and the heads of the tenants that decide
 * it.
 */
export async function servingNow(
  { heads, fleets, clock }: Services,
  head: Head,
): Promise<{ generation: number; serving: Fleet[]; others: OtherHead[] }> {
  const { tenant, configuration } = head;
  const { generation, all } = await fleets.of(tenant, clock());
  const { owners, parents } = await othersIn(heads, configuration);
  const foreign = namedGateways(owners, tenant, configuration);
  const ofParents = parentGateways(parents, tenant, configuration);
  const gateways = [...head.gateways(), ...foreign, ...ofParents];
  const serving = fleetsOf(all, tenant, gateways, [head.configuration]);
  return { generation, serving, others: decidingHeads(tenant, { owners, parents }, [configuration]) };
}
